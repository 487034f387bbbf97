import { connect as connectSocket, type Socket } from 'node:net';
import mysql2, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { codeOf, messageOf, TidemarkError, type ErrorCode } from '../errors.ts';
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
  type Target,
} from './engine.ts';
import { networkError } from './network.ts';
import { connectAsPreferred, tlsConnectionOptions } from './tls.ts';

/** MySQL 5.7 and newer, MariaDB 10 and newer. */
export const mysql: Engine = {
  name: 'mysql',
  label: 'MySQL / MariaDB',
  defaultPort: 3306,
  defaultDatabase: '',
  connect,
};

const systemSchemas = `('information_schema', 'performance_schema', 'mysql', 'sys')`;

/** The server's own collations hold "Sales" and "sales" for the same, but on most systems they are two schemas. */
const exactly = (name: string): string => `CONVERT(${name} USING utf8mb4) COLLATE utf8mb4_bin`;

const listSchemas = `
  SELECT schema_name AS name
  FROM information_schema.schemata
  WHERE ${exactly('schema_name')} NOT IN ${systemSchemas}`;

/**
 * Logical sizes per schema. Must run before the tablespaces are read: after a restart MariaDB lists only opened tablespaces,
 * and this pass opens them. Always with WHERE and GROUP BY: a bare sum over the view was seen to lose rows.
 */
const logicalSizes = `
  SELECT ${exactly('table_schema')} AS name,
    SUM(data_length) AS data_bytes,
    SUM(index_length) AS index_bytes,
    SUM(CASE WHEN engine = 'InnoDB' THEN data_length + index_length ELSE 0 END) AS innodb_bytes,
    SUM(CASE WHEN engine = 'InnoDB' THEN 0 ELSE data_length + index_length END) AS other_bytes
  FROM information_schema.tables
  WHERE ${exactly('table_schema')} NOT IN ${systemSchemas} AND table_type <> 'VIEW'
  GROUP BY 1`;

/** MySQL 8 calls the view INNODB_TABLESPACES, MySQL 5.7 and MariaDB INNODB_SYS_TABLESPACES. */
const findTablespacesView = `
  SELECT table_name AS name
  FROM information_schema.columns
  WHERE table_schema = 'information_schema'
    AND table_name IN ('INNODB_TABLESPACES', 'INNODB_SYS_TABLESPACES')
    AND column_name = 'FILE_SIZE'`;

/** Bytes of the files per schema. Names are those of the files ("my@002ddb/t"); the server turns them back. */
const fileSizes = (view: string): string => `
  SELECT ${exactly("CONVERT(CAST(SUBSTRING_INDEX(name, '/', 1) AS BINARY) USING filename)")} AS name,
    SUM(file_size) AS file_bytes
  FROM information_schema.${view}
  WHERE name LIKE '%/%'
  GROUP BY 1`;

const globalPrivileges = `
  SELECT privilege_type AS privilege
  FROM information_schema.user_privileges
  WHERE privilege_type IN ('SELECT', 'SHOW DATABASES', 'PROCESS')`;

/** Settings of our session; a server that does not know one (error 1193) goes without. */
const sessionSettings = (milliseconds: number): string[] => [
  'SET SESSION TRANSACTION READ ONLY',
  // Statistics of tables are cached for 24 hours by default (MySQL 8).
  'SET SESSION information_schema_stats_expiry = 0',
  // Metadata locks queue behind DDL: rather an error than a queue of ours.
  'SET SESSION lock_wait_timeout = 10',
  `SET SESSION max_execution_time = ${milliseconds}`,
  `SET SESSION max_statement_time = ${milliseconds / 1000}`,
];

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
    (cause) => codeOf(cause) === 'HANDSHAKE_NO_SSL_SUPPORT',
  );
}

async function open(target: Target, deadlines: SessionDeadlines, encrypted: boolean): Promise<EngineSession> {
  const place = `${target.host}:${target.port}`;
  const tls = encrypted ? tlsConnectionOptions(target) : null;
  // The socket is ours, so that it can be destroyed whatever state the driver is in.
  const socket = connectSocket(target.port, target.host);
  const certificateName = target.tls.server_name ?? target.host;
  // The driver tells Node no address to look for in the certificate; then Node looks here, and else for "localhost".
  Object.assign(socket, { _host: certificateName });
  try {
    const connection = await withDeadline(
      mysql2.createConnection({
        stream: socket,
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
        connectTimeout: deadlines.connect,
      }),
      {
        milliseconds: deadlines.connect,
        name: `connecting to ${place}`,
        onTimeout: () => socket.destroy(),
        onLate: (late) => late.destroy(),
      },
    );
    // A connection that is lost while idle would otherwise end the process.
    connection.on('error', () => socket.destroy());
    const session = new MysqlSession(connection, socket, target, deadlines, encrypted);
    await session.prepare();
    return session;
  } catch (error) {
    socket.destroy();
    throw translate(error, place, target);
  }
}

class MysqlSession implements EngineSession {
  serverVersion = '';
  readonly encrypted: boolean;
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #target: Target;
  readonly #deadlines: SessionDeadlines;
  #account = '';

  constructor(connection: Connection, socket: Socket, target: Target, deadlines: SessionDeadlines, encrypted: boolean) {
    this.#connection = connection;
    this.#socket = socket;
    this.#target = target;
    this.#deadlines = deadlines;
    this.encrypted = encrypted;
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
      throw translate(error, `${this.#target.host}:${this.#target.port}`, this.#target);
    }
  }

  close(): Promise<void> {
    return closeWithin(this.#connection.end(), this.#deadlines.close, this.#socket);
  }

  async #measure(options: MeasureOptions): Promise<InstanceMeasurement> {
    const schemas = await this.#query<RowDataPacket & { name: string }>(listSchemas);
    const logical = new Map((await this.#query<LogicalSize>(logicalSizes)).map((row) => [row.name, row]));
    const files = await this.#fileSizes();
    const fileNames = [...(files?.keys() ?? [])].filter((name) => !systemSchemas.includes(`'${name}'`));
    const names = new Set([...schemas.map((schema) => schema.name), ...fileNames]);
    if (names.size === 0) await this.#refuseBlindness();
    const databases: DatabaseMeasurement[] = [];
    const failures: Finding[] = [];
    const warnings = files === null ? [this.#estimateWarning()] : [];
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
    return { databases, failures, warnings };
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

  /** MySQL hides what it may not show: a server without databases and a user without rights look the same. */
  async #refuseBlindness(): Promise<void> {
    const privileges = await this.#query(globalPrivileges);
    if (privileges.length > 0) return;
    throw new TidemarkError(
      'permission_denied',
      `the server shows no database to ${this.#target.username}: run GRANT SELECT, SHOW DATABASES, PROCESS ON *.* TO ${this.#grantee()};`,
    );
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
    if (error instanceof TidemarkError) return { databaseName, code: error.code, message: error.message };
    return { databaseName, code: 'database_unreadable', message: messageOf(error) };
  }

  /** The account that the server took us for: 'name'@'%' need not be it, and a GRANT to another one is refused. */
  #grantee(): string {
    const at = this.#account.lastIndexOf('@');
    const parts = at === -1 ? [this.#target.username, '%'] : [this.#account.slice(0, at), this.#account.slice(at + 1)];
    return parts.map((part) => this.#connection.escape(part)).join('@');
  }

  async #query<Row extends RowDataPacket>(sql: string): Promise<Row[]> {
    const work = this.#connection.query<Row[]>(sql).then(([rows]) => rows);
    return withDeadline(work, {
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

const serverCodes: Readonly<Record<string, ErrorCode>> = {
  ER_ACCESS_DENIED_ERROR: 'access_denied',
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: 'access_denied',
  ER_NOT_SUPPORTED_AUTH_MODE: 'access_denied',
  ER_HOST_NOT_PRIVILEGED: 'access_denied',
  ER_DBACCESS_DENIED_ERROR: 'permission_denied',
  ER_TABLEACCESS_DENIED_ERROR: 'permission_denied',
  ER_SPECIFIC_ACCESS_DENIED_ERROR: 'permission_denied',
  ER_BAD_DB_ERROR: 'database_unknown',
  ER_CON_COUNT_ERROR: 'too_many_connections',
  ER_TOO_MANY_USER_CONNECTIONS: 'too_many_connections',
  ER_USER_LIMIT_REACHED: 'too_many_connections',
  ER_QUERY_TIMEOUT: 'timeout',
  ER_STATEMENT_TIMEOUT: 'timeout',
  PROTOCOL_CONNECTION_LOST: 'connection_lost',
  HANDSHAKE_NO_SSL_SUPPORT: 'protocol_error',
  PROTOCOL_INCORRECT_PACKET_SEQUENCE: 'protocol_error',
};

/** A driver's or server's error in our terms. The server's text names users and schemas, never a password. */
function translate(error: unknown, place: string, target: Target): TidemarkError {
  if (error instanceof TidemarkError) return error;
  const network = networkError(error, place);
  if (network !== null) return network;
  const text = messageOf(error);
  const code = serverCodes[codeOf(error) ?? ''];
  if (code === 'access_denied') {
    const message = `${place}: access denied for user ${target.username}: check user name, password and host (${text})`;
    return new TidemarkError(code, message, { cause: error });
  }
  const kind = code ?? (typeof (error as { errno?: unknown }).errno === 'number' ? 'query_failed' : 'protocol_error');
  return new TidemarkError(kind, `${place}: ${text}`, { cause: error });
}
