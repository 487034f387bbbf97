import { connect as connectSocket, type Socket } from 'node:net';
import { createConnection } from 'mysql2';
import mysql2, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { codeOf, messageOf, TidemarkError } from '../errors.ts';
import { toBytes, toBytesOrNull } from './bytes.ts';
import { closeWithin, withDeadline } from './deadline.ts';
import {
  sessionName,
  type DatabaseMeasurement,
  type Engine,
  type EngineSession,
  type Finding,
  type InstanceMeasurement,
  type MeasureOptions,
  type SessionDeadlines,
  type StorageMeasurement,
  type Target,
} from './engine.ts';
import { followProgress, loginError } from './login-errors.ts';
import { translate, withoutTls } from './mysql/errors.ts';
import {
  fileSizes,
  findTablespacesView,
  grantsNameSchema,
  grantsShowAllNames,
  listSchemas,
  logicalSizes,
  sessionSettings,
  sharedTablespaces,
  showGrants,
  systemSchemas,
} from './mysql/statements.ts';
import { allocated } from './storage.ts';
import { connectAsPreferred, tlsConnectionOptions } from './tls.ts';

/** MySQL 5.7 and newer, MariaDB 10 and newer. */
export const mysql: Engine = {
  name: 'mysql',
  label: 'MySQL / MariaDB',
  supportedVersions: 'MySQL 5.7 and newer, MariaDB 10 and newer',
  capabilities: [
    {
      subject: 'size',
      since: 'MySQL 5.7, MariaDB 10',
      source: 'INNODB_TABLESPACES / INNODB_SYS_TABLESPACES (files), else information_schema.TABLES (estimate)',
      privilege: 'GRANT PROCESS ON *.* TO tidemark; an estimate without it',
    },
    {
      subject: 'data',
      since: 'all',
      source: 'information_schema.TABLES data_length',
      privilege: 'GRANT SELECT, SHOW DATABASES ON *.* TO tidemark;',
    },
    { subject: 'log', since: null, source: 'binary logs belong to the instance', privilege: null },
    {
      subject: 'index',
      since: 'all',
      source: 'information_schema.TABLES index_length',
      privilege: 'GRANT SELECT, SHOW DATABASES ON *.* TO tidemark;',
    },
    { subject: 'temp', since: null, source: 'temporary tables belong to the instance', privilege: null },
    { subject: 'used', since: 'all', source: 'data and index', privilege: null },
    {
      subject: 'limit',
      since: null,
      source: 'the disk is the limit, and the server does not know it',
      privilege: null,
    },
    {
      subject: 'instance log',
      since: 'all',
      source: 'SHOW BINARY LOGS',
      privilege: 'GRANT REPLICATION CLIENT ON *.* TO tidemark; (MariaDB 10.5 and newer: BINLOG MONITOR)',
    },
    {
      subject: 'tablespaces',
      since: 'MySQL 5.7, MariaDB 10',
      source: 'INNODB_TABLESPACES / INNODB_SYS_TABLESPACES: those that are shared by databases',
      privilege: 'GRANT PROCESS ON *.* TO tidemark;',
    },
    { subject: 'volumes', since: null, source: 'the server does not know its disks', privilege: null },
  ],
  defaultPort: 3306,
  defaultDatabase: '',
  connect,
};

interface ListedSchema extends RowDataPacket {
  readonly name: string;
  readonly shows_all: string | number;
}

interface LogicalSize extends RowDataPacket {
  readonly name: string;
  readonly data_bytes: string | null;
  readonly index_bytes: string | null;
  readonly innodb_bytes: string | null;
  readonly other_bytes: string | null;
}

interface FileSize extends RowDataPacket {
  readonly name: string;
  readonly file_bytes: string;
}

function connect(target: Target, deadlines: SessionDeadlines): Promise<EngineSession> {
  return connectAsPreferred(
    target,
    (encrypted) => open(target, deadlines, encrypted),
    (cause) => codeOf(cause) === withoutTls,
  );
}

async function open(target: Target, deadlines: SessionDeadlines, encrypted: boolean): Promise<EngineSession> {
  const place = `${target.host}:${target.port}`;
  const tls = encrypted ? tlsConnectionOptions(target) : null;
  // The socket is ours, so that it can be destroyed whatever state the driver is in.
  const socket = connectSocket(target.port, target.host);
  const progress = followProgress(socket);
  const certificateName = target.tls.server_name ?? target.host;
  // The driver tells Node no address to look for in the certificate; then Node looks here, and else for "localhost".
  Object.assign(socket, { _host: certificateName });
  try {
    const login = await withDeadline(
      logIn(
        {
          // Its one use: the name that the certificate must be made out to.
          host: certificateName,
          user: target.username,
          ...(target.password === null ? {} : { password: target.password.reveal() }),
          ...(target.database === '' ? {} : { database: target.database }),
          // mysql2 knows Node's TLS options under its own type, which lacks some of them, and looks at the name by its own.
          ...(tls === null
            ? {}
            : { ssl: { ...(tls as mysql2.SslOptions), verifyIdentity: target.tls.mode === 'verify-full' } }),
          connectAttributes: { program_name: sessionName },
          supportBigNumbers: true,
          bigNumberStrings: true,
          charset: 'utf8mb4',
          // The deadline is ours, which knows how far the connection got.
          connectTimeout: 0,
        },
        socket,
      ),
      {
        milliseconds: deadlines.connect,
        name: `connecting to ${place}`,
        onTimeout: () => socket.destroy(),
        onLate: (late) => late.connection.destroy(),
      },
    );
    const session = new MysqlSession(login, socket, target, deadlines, encrypted);
    await session.prepare();
    return session;
  } catch (error) {
    socket.destroy();
    throw loginError(translate(error, place, target), 'MySQL or MariaDB', progress());
  }
}

interface Login {
  readonly connection: Connection;
  /** What ended the connection while nothing was asked; later questions are only told that it is closed. */
  readonly ending: () => Error | null;
}

/** As the driver's own promise does it, except that a second error, or one of an idle connection, ends no process. */
async function logIn(options: mysql2.ConnectionOptions, socket: Socket): Promise<Login> {
  const connection = createConnection({ ...options, stream: socket });
  endAtBrokenPacket(connection, socket);
  let ending: Error | null = null;
  await new Promise<void>((resolve, reject) => {
    connection.once('connect', () => resolve());
    connection.on('error', (error: Error) => {
      ending ??= error;
      reject(error);
    });
  });
  return { connection: connection.promise(), ending: () => ending };
}

/**
 * The driver reports what it cannot read of an answer, and throws what it cannot read of a packet that nobody asked for:
 * out of a socket, where nobody can catch it. Such a connection ends instead of the process.
 */
function endAtBrokenPacket(connection: object, socket: Socket): void {
  const reader = connection as { handlePacket(packet?: unknown): void };
  const handle = reader.handlePacket.bind(connection);
  reader.handlePacket = (packet) => {
    try {
      handle(packet);
    } catch (error) {
      socket.destroy(new Error(`this is not the protocol of MySQL (${messageOf(error)})`, { cause: error }));
    }
  };
}

class MysqlSession implements EngineSession {
  serverVersion = '';
  readonly encrypted: boolean;
  readonly remoteAddress: string | null;
  readonly #connection: Connection;
  readonly #ending: () => Error | null;
  readonly #socket: Socket;
  readonly #target: Target;
  readonly #deadlines: SessionDeadlines;
  #account = '';

  constructor(login: Login, socket: Socket, target: Target, deadlines: SessionDeadlines, encrypted: boolean) {
    this.#connection = login.connection;
    this.#ending = login.ending;
    this.#socket = socket;
    this.#target = target;
    this.#deadlines = deadlines;
    this.encrypted = encrypted;
    this.remoteAddress = socket.remoteAddress ?? null;
  }

  async prepare(): Promise<void> {
    const [row] = await this.#query<RowDataPacket & { version: string; account: string }>(
      'SELECT VERSION() AS version, CURRENT_USER() AS account',
    );
    const { version = 'unknown', account = '' } = row ?? {};
    this.#account = account;
    const number = version.split('-')[0] ?? version;
    const product = version.includes('MariaDB') ? 'MariaDB' : 'MySQL';
    if (Number.parseFloat(number) < 5.7) {
      const needed = 'MySQL 5.7 or MariaDB 10 or newer is needed';
      throw new TidemarkError('server_too_old', `${product} ${number} is not supported: ${needed}`);
    }
    this.serverVersion = `${product} ${number}`;
    for (const setting of sessionSettings(this.#deadlines.query)) {
      try {
        await this.#query(setting);
      } catch (error) {
        if (codeOf(error) !== 'ER_UNKNOWN_SYSTEM_VARIABLE') throw error;
      }
    }
  }

  async measure(options: MeasureOptions): Promise<InstanceMeasurement> {
    try {
      return await this.#measure(options);
    } catch (error) {
      throw translate(error, this.#place, this.#target);
    }
  }

  close(): Promise<void> {
    return closeWithin(this.#connection.end(), this.#deadlines.close, this.#socket);
  }

  async #measure(options: MeasureOptions): Promise<InstanceMeasurement> {
    const schemas = await this.#query<ListedSchema>(listSchemas(this.#accountParts));
    const logical = new Map((await this.#query<LogicalSize>(logicalSizes)).map((row) => [row.name, row]));
    const files = await this.#fileSizes();
    const shown = [...schemas.map((schema) => schema.name), ...(files?.keys() ?? [])];
    const names = new Set(shown.filter((name) => !systemSchemas.includes(name)));
    const hidden = await this.#mayHideNames(schemas);
    if (hidden && names.size === 0) throw this.#blindness();
    const databases: DatabaseMeasurement[] = [];
    const failures: Finding[] = [];
    const warnings = [...(hidden ? [this.#hiddenNames()] : []), ...(files === null ? [this.#estimateWarning()] : [])];
    for (const name of [...names].filter(options.wanted).sort()) {
      try {
        const visible = logical.has(name) || (await this.#mayLookInto(name));
        const measurable = visible || files?.has(name) === true;
        if (!visible) (measurable ? warnings : failures).push(this.#hidden(name));
        if (measurable) databases.push(measurementOf(name, logical.get(name), files, visible));
      } catch (error) {
        if (error instanceof TidemarkError && error.code === 'timeout') throw error;
        if (codeOf(error) === 'ER_BAD_DB_ERROR') continue; // dropped since it was listed
        failures.push(this.#failure(name, error));
      }
    }
    const storage = [
      ...(await this.#measureBinaryLogs(warnings)),
      ...(files === null ? [] : await this.#measureSharedTablespaces()),
    ];
    return { databases, storage, failures, warnings };
  }

  async #measureBinaryLogs(warnings: Finding[]): Promise<StorageMeasurement[]> {
    try {
      const rows = await this.#query<RowDataPacket & { File_size: string }>('SHOW BINARY LOGS');
      const bytes = rows.reduce((sum, row) => sum + BigInt(row.File_size), 0n);
      return [allocated('log', 'binlog', toBytes(bytes, 'the binary logs'))];
    } catch (error) {
      if (codeOf(error) === 'ER_NO_BINARY_LOGGING') return [];
      if (codeOf(error) !== 'ER_SPECIFIC_ACCESS_DENIED_ERROR') throw error;
      const privilege = this.serverVersion.startsWith('MariaDB') ? 'BINLOG MONITOR' : 'REPLICATION CLIENT';
      const message =
        `${this.#target.username} may not read the size of the binary logs: ` +
        `run GRANT ${privilege} ON *.* TO ${this.#grantee()};`;
      warnings.push({ databaseName: null, code: 'permission_denied', message });
      return [];
    }
  }

  async #measureSharedTablespaces(): Promise<StorageMeasurement[]> {
    const [view] = await this.#query<RowDataPacket & { name: string }>(findTablespacesView);
    if (view === undefined) return [];
    const rows = await this.#query<FileSize>(sharedTablespaces(view.name));
    return rows.map(({ name, file_bytes: bytes }) => allocated('tablespace', name, toBytes(bytes, name)));
  }

  /** Null without the PROCESS privilege. */
  async #fileSizes(): Promise<ReadonlyMap<string, string> | null> {
    const [view] = await this.#query<RowDataPacket & { name: string }>(findTablespacesView);
    if (view === undefined) return null;
    try {
      const rows = await this.#query<FileSize>(fileSizes(view.name));
      return new Map(rows.map((row) => [row.name, row.file_bytes]));
    } catch (error) {
      if (codeOf(error) === 'ER_SPECIFIC_ACCESS_DENIED_ERROR') return null;
      throw error;
    }
  }

  /**
   * A schema without a visible table is empty only if we may look: where we may not, this is refused. SHOW TABLES is not,
   * for a user who may see the names of all schemas.
   */
  async #mayLookInto(name: string): Promise<boolean> {
    try {
      await this.#query(`SHOW CREATE DATABASE ${mysql2.escapeId(name, true)}`);
      return true;
    } catch (error) {
      if (codeOf(error) === 'ER_DBACCESS_DENIED_ERROR') return false;
      throw error;
    }
  }

  /**
   * MySQL hides what it may not show, the names of databases too. A login that does not even see `mysql`, which every server
   * has, does not see all. One that sees it without a privilege of its own has a role, or a right on just that one.
   */
  async #mayHideNames(schemas: readonly ListedSchema[]): Promise<boolean> {
    if (schemas.some((schema) => Number(schema.shows_all) === 1)) return false;
    if (!schemas.some((schema) => schema.name === 'mysql')) return true;
    const grants = await this.#grants();
    return grantsNameSchema(grants, 'mysql') && !grantsShowAllNames(grants);
  }

  async #grants(): Promise<string[]> {
    try {
      return (await this.#query(showGrants)).flatMap((row) => Object.values(row).map(String));
    } catch (error) {
      // Under --skip-grant-tables there are none, and everybody sees everything.
      if (codeOf(error) === 'ER_OPTION_PREVENTS_STATEMENT') return [];
      throw error;
    }
  }

  /** A server without databases and a user without rights look the same. */
  #blindness(): TidemarkError {
    const message = `the server shows no database to ${this.#target.username}: ${this.#grantOfAll()}`;
    return new TidemarkError('permission_denied', message);
  }

  #hiddenNames(): Finding {
    const message =
      `there may be more databases, which the server hides from ${this.#target.username}: ` + this.#grantOfAll();
    return { databaseName: null, code: 'permission_denied', message };
  }

  #grantOfAll(): string {
    return `run GRANT SELECT, SHOW DATABASES, PROCESS ON *.* TO ${this.#grantee()};`;
  }

  get #place(): string {
    return `${this.#target.host}:${this.#target.port}`;
  }

  #estimateWarning(): Finding {
    return {
      databaseName: null,
      code: 'permission_denied',
      message:
        'the sizes are estimates from table statistics, because the files may not be read: ' +
        `run GRANT PROCESS ON *.* TO ${this.#grantee()};`,
    };
  }

  #hidden(databaseName: string): Finding {
    const schema = mysql2.escapeId(databaseName, true);
    const message = `${this.#target.username} may not see the tables of this database: run GRANT SELECT ON ${schema}.* TO ${this.#grantee()};`;
    return { databaseName, code: 'permission_denied', message };
  }

  #failure(databaseName: string, error: unknown): Finding {
    const { code, message } = translate(error, this.#place, this.#target);
    return { databaseName, code: code === 'query_failed' ? 'database_unreadable' : code, message };
  }

  #grantee(): string {
    return this.#accountParts.map((part) => this.#connection.escape(part)).join('@');
  }

  /** The account that the server took us for: 'name'@'%' need not be it, and a GRANT to another one is refused. */
  get #accountParts(): readonly [string, string] {
    const at = this.#account.lastIndexOf('@');
    return at === -1 ? [this.#target.username, '%'] : [this.#account.slice(0, at), this.#account.slice(at + 1)];
  }

  async #query<Row extends RowDataPacket>(sql: string): Promise<Row[]> {
    const answer = async (): Promise<Row[]> => {
      try {
        const [rows] = await this.#connection.query<Row[]>(sql);
        return rows;
      } catch (error) {
        throw this.#ending() ?? error;
      }
    };
    return withDeadline(answer(), {
      // The server's own timeout comes first and leaves the connection usable; ours is for a server that is gone.
      milliseconds: this.#deadlines.query + this.#deadlines.close,
      name: 'reading the sizes',
      onTimeout: () => this.#socket.destroy(),
    });
  }
}

/**
 * @param files null where they may not be read
 * @param visible whether we may see the tables: if not, there may be more of them than the files of InnoDB
 */
function measurementOf(
  name: string,
  logical: LogicalSize | undefined,
  files: ReadonlyMap<string, string> | null,
  visible: boolean,
): DatabaseMeasurement {
  const fileBytes = toBytes(files?.get(name) ?? '0', name);
  const innodbBytes = toBytes(logical?.innodb_bytes ?? '0', name);
  // Tables in the shared tablespace have no file of their own: their logical size is all there is to know.
  const fromFiles = files !== null && (fileBytes > 0 || innodbBytes === 0);
  const unseen = visible && logical === undefined && fileBytes === 0 ? '0' : null;
  const dataBytes = toBytesOrNull(logical?.data_bytes ?? unseen, name);
  const indexBytes = toBytesOrNull(logical?.index_bytes ?? unseen, name);
  const ownFiles = fromFiles ? fileBytes : innodbBytes;
  return {
    databaseName: name,
    sizeBytes: toBytes(BigInt(ownFiles) + BigInt(toBytes(logical?.other_bytes ?? '0', name)), name),
    dataBytes,
    // Binary logs belong to the instance.
    logBytes: null,
    indexBytes,
    tempBytes: null,
    usedBytes: dataBytes === null || indexBytes === null ? null : toBytes(BigInt(dataBytes) + BigInt(indexBytes), name),
    limitBytes: null,
    method: fromFiles && visible ? 'exact' : 'estimate',
  };
}
