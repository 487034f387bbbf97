import type { Engine, EngineSession, InstanceMeasurement, MeasureOptions, SessionDeadlines, Target } from './engine.ts';
import { measureAzure } from './sqlserver/azure.ts';
import { logIn, type TdsConnection } from './sqlserver/connection.ts';
import { translate } from './sqlserver/errors.ts';
import { InstanceMeter } from './sqlserver/instance.ts';
import { describeServer as readServer, type Server, type ServerRow } from './sqlserver/server.ts';
import { describeServer, sessionSettings } from './sqlserver/statements.ts';

const grantState = 'GRANT VIEW SERVER STATE TO tidemark; (2022 and newer: VIEW SERVER PERFORMANCE STATE)';

/** SQL Server 2012 and newer, Azure SQL Managed Instance, Azure SQL Database. */
export const sqlserver: Engine = {
  name: 'sqlserver',
  label: 'SQL Server',
  supportedVersions: 'SQL Server 2012 and newer, Azure SQL Managed Instance, Azure SQL Database',
  capabilities: [
    {
      subject: 'size',
      since: 'all',
      source:
        'sys.database_files of each database, sys.master_files for those that are offline or closed to us; Azure SQL ' +
        'Database: the database connected to, or from master estimates (sys.resource_stats) of all',
      privilege: 'GRANT VIEW ANY DEFINITION TO tidemark;',
    },
    { subject: 'data', since: 'all', source: 'the same: files of rows and FILESTREAM', privilege: null },
    {
      subject: 'log',
      since: 'all',
      source: 'the same: log files; not in the estimates of Azure SQL Database',
      privilege: null,
    },
    { subject: 'index', since: null, source: 'indexes and rows share the data files', privilege: null },
    { subject: 'temp', since: null, source: 'tempdb is a database of its own', privilege: null },
    {
      subject: 'used',
      since: 'all',
      source: 'FILEPROPERTY in each database, sys.dm_db_log_space_usage',
      privilege: `GRANT CONNECT ANY DATABASE TO tidemark; (2012: CREATE USER tidemark FOR LOGIN tidemark; in each) and ${grantState}`,
    },
    {
      subject: 'limit',
      since: 'all',
      source: 'max_size and growth of the data files, the room on their volumes, the limit of Express and of Azure',
      privilege: grantState,
    },
    {
      subject: 'instance log',
      since: null,
      source: 'each database has a log of its own: what is used of it, and where it ends, is stored by its name',
      privilege: null,
    },
    { subject: 'tablespaces', since: null, source: 'file groups belong to a database', privilege: null },
    {
      subject: 'volumes',
      since: 'all but Azure SQL Database',
      source: 'sys.dm_os_volume_stats of every file',
      privilege: grantState,
    },
  ],
  defaultPort: 1433,
  defaultDatabase: 'master',
  connect,
};

async function connect(target: Target, deadlines: SessionDeadlines): Promise<EngineSession> {
  const connection = await logIn(target, deadlines);
  try {
    await connection.query(sessionSettings);
    const [row] = await connection.query<ServerRow>(describeServer);
    return new SqlServerSession(connection, readServer(row), target);
  } catch (error) {
    await connection.close();
    throw translate(error, `${target.host}:${target.port}`, target);
  }
}

class SqlServerSession implements EngineSession {
  readonly serverVersion: string;
  readonly encrypted: boolean;
  readonly remoteAddress: string | null;
  readonly #connection: TdsConnection;
  readonly #server: Server;
  readonly #target: Target;

  constructor(connection: TdsConnection, server: Server, target: Target) {
    this.#connection = connection;
    this.#server = server;
    this.#target = target;
    this.serverVersion = server.version;
    this.encrypted = connection.encrypted;
    this.remoteAddress = connection.remoteAddress;
  }

  async measure(options: MeasureOptions): Promise<InstanceMeasurement> {
    try {
      if (this.#server.isAzureDatabase) {
        return await measureAzure(this.#connection, this.#server, this.#target, options);
      }
      return await new InstanceMeter(this.#connection, this.#server, this.#target).measure(options);
    } catch (error) {
      throw translate(error, `${this.#target.host}:${this.#target.port}`, this.#target);
    }
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
