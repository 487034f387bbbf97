import { Socket } from 'node:net';
import pg from 'pg';
import { codeOf, messageOf, TidemarkError, type ErrorCode } from '../errors.ts';
import { toBytes } from './bytes.ts';
import { closeWithin, withDeadline } from './deadline.ts';
import {
  sessionName,
  type DatabaseMeasurement,
  type Engine,
  type EngineSession,
  type Finding,
  type InstanceMeasurement,
  type MeasureOptions,
  type Method,
  type SessionDeadlines,
  type Target,
} from './engine.ts';
import { networkError } from './network.ts';
import { guardParser } from './postgresql-protocol.ts';
import { connectAsPreferred, tlsConnectionOptions } from './tls.ts';

/** PostgreSQL 12 and newer, and what speaks its protocol. */
export const postgresql: Engine = {
  name: 'postgresql',
  label: 'PostgreSQL',
  defaultPort: 5432,
  defaultDatabase: 'postgres',
  connect,
};

/** -2 marks a database whose DROP was interrupted: sizing it fails. */
const listDatabases = `
  SELECT d.oid, d.datname AS name,
    has_database_privilege(d.oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE') AS readable
  FROM pg_database AS d
  WHERE NOT d.datistemplate AND d.datconnlimit <> -2
  ORDER BY d.datname`;

/** By oid: by name, a database that was dropped since the list was read raises an error. */
const sizeDatabases = `
  SELECT oid, pg_database_size(oid) AS size_bytes
  FROM unnest($1::oid[]) AS oid`;

/** Statistics of the relations of the connected database, for where sizing its files takes too long. */
const estimateDatabase = `
  SELECT sum(relpages::bigint) * current_setting('block_size')::bigint AS size_bytes
  FROM pg_class
  WHERE relkind IN ('r', 'i', 't', 'm', 'S')`;

/** Databases sized by one statement; where it fails or takes too long, each of them is sized by one of its own. */
const chunkLength = 50;

/** So many databases in a row that take too long are the server's fault. */
const timeoutsOfSlowServer = 3;

interface ListedDatabase {
  readonly oid: number;
  readonly name: string;
  readonly readable: boolean;
}

function connect(target: Target, deadlines: SessionDeadlines): Promise<PostgresqlSession> {
  return connectAsPreferred(
    target,
    (encrypted) => open(target, deadlines, encrypted),
    (cause) => messageOf(cause).includes('does not support SSL'),
  );
}

async function open(target: Target, deadlines: SessionDeadlines, encrypted: boolean): Promise<PostgresqlSession> {
  const place = `${target.host}:${target.port}`;
  // The socket is ours, so that it can be destroyed whatever state the driver is in.
  const socket = new Socket();
  const client = new pg.Client({
    stream: () => socket,
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.username,
    ...(target.password === null ? {} : { password: target.password.reveal() }),
    ssl: encrypted ? (tlsConnectionOptions(target) ?? false) : false,
    application_name: sessionName,
  });
  // A connection that is lost while idle would otherwise end the process.
  client.on('error', () => socket.destroy());
  guardParser(client, socket);
  try {
    await withDeadline(client.connect(), {
      milliseconds: deadlines.connect,
      name: `connecting to ${place}`,
      onTimeout: () => socket.destroy(),
    });
    const session = new PostgresqlSession(client, socket, target, deadlines, encrypted);
    await session.readVersion();
    return session;
  } catch (error) {
    socket.destroy();
    throw translate(error, place, target);
  }
}

class PostgresqlSession implements EngineSession {
  serverVersion = '';
  readonly encrypted: boolean;
  readonly #client: pg.Client;
  readonly #socket: Socket;
  readonly #target: Target;
  readonly #deadlines: SessionDeadlines;
  #timeoutsInARow = 0;

  constructor(client: pg.Client, socket: Socket, target: Target, deadlines: SessionDeadlines, encrypted: boolean) {
    this.#client = client;
    this.#socket = socket;
    this.#target = target;
    this.#deadlines = deadlines;
    this.encrypted = encrypted;
  }

  async readVersion(): Promise<void> {
    const rows = await this.#query<{ number: number; version: string }>(
      `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version`,
    );
    const { number = 0, version = 'unknown' } = rows[0] ?? {};
    if (number < 120_000) {
      throw new TidemarkError('server_too_old', `PostgreSQL ${version} is not supported: 12 or newer is needed`);
    }
    this.serverVersion = `PostgreSQL ${version.split(' ')[0] ?? version}`;
  }

  async measure(options: MeasureOptions): Promise<InstanceMeasurement> {
    const listed = await this.#query<ListedDatabase>(listDatabases);
    const wanted = listed.filter((database) => options.wanted(database.name));
    const failures = wanted.filter((database) => !database.readable).map((database) => this.#denied(database));
    const readable = wanted.filter((database) => database.readable);
    const databases: DatabaseMeasurement[] = [];
    for (let start = 0; start < readable.length; start += chunkLength) {
      const chunk = readable.slice(start, start + chunkLength);
      await this.#measureChunk(chunk, options, databases, failures);
    }
    return { databases, failures, warnings: [] };
  }

  close(): Promise<void> {
    return closeWithin(this.#client.end(), this.#deadlines.close, this.#socket);
  }

  async #measureChunk(
    chunk: readonly ListedDatabase[],
    options: MeasureOptions,
    databases: DatabaseMeasurement[],
    failures: Finding[],
  ): Promise<void> {
    try {
      for (const row of await this.#sizes(chunk)) {
        const name = chunk.find((database) => database.oid === row.oid)?.name;
        // Null: dropped since it was listed, so there is nothing to measure and nothing to report.
        if (name !== undefined && row.size_bytes !== null) addSize(name, row.size_bytes, 'exact', databases, failures);
      }
      this.#timeoutsInARow = 0;
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined || error instanceof TidemarkError) {
        // The connection is gone: what was measured before is kept, the rest is reported.
        failures.push(...chunk.map((database) => this.#failure(database.name, error)));
      } else if (code === timedOut && (chunk.length === 1 || this.#isSlow())) {
        this.#timeoutsInARow += 1;
        await this.#giveUp(chunk, error, options, databases, failures);
      } else if (chunk.length > 1) {
        for (const [index, database] of chunk.entries()) {
          if (code === timedOut && this.#isSlow()) {
            return this.#giveUp(chunk.slice(index), error, options, databases, failures);
          }
          await this.#measureChunk([database], options, databases, failures);
        }
      } else if (!databaseGone.includes(code)) {
        failures.push(...chunk.map((database) => this.#failure(database.name, error)));
      }
    }
  }

  /** Not one database but the server is slow: if each that is left took its own deadline, there would be no end. */
  #isSlow(): boolean {
    return this.#timeoutsInARow >= timeoutsOfSlowServer;
  }

  async #giveUp(
    chunk: readonly ListedDatabase[],
    error: unknown,
    options: MeasureOptions,
    databases: DatabaseMeasurement[],
    failures: Finding[],
  ): Promise<void> {
    for (const database of chunk) {
      if (options.estimateOnTimeout) await this.#estimate(database, databases, failures);
      else failures.push(this.#failure(database.name, error));
    }
  }

  #sizes(chunk: readonly ListedDatabase[]): Promise<{ oid: number; size_bytes: string | null }[]> {
    return this.#query(sizeDatabases, [chunk.map((database) => database.oid)]);
  }

  async #estimate(database: ListedDatabase, databases: DatabaseMeasurement[], failures: Finding[]): Promise<void> {
    let session: PostgresqlSession | undefined;
    try {
      session = await connect({ ...this.#target, database: database.name }, this.#deadlines);
      const [row] = await session.#query<{ size_bytes: string }>(estimateDatabase);
      if (row !== undefined) addSize(database.name, row.size_bytes, 'estimate', databases, failures);
    } catch (error) {
      failures.push(this.#failure(database.name, error));
    } finally {
      await session?.close();
    }
  }

  #denied(database: ListedDatabase): Finding {
    const role = this.#client.escapeIdentifier(this.#target.username);
    return {
      databaseName: database.name,
      code: 'permission_denied',
      message:
        `${this.#target.username} may not read the size of this database: run GRANT pg_read_all_stats TO ${role}; ` +
        `or GRANT CONNECT ON DATABASE ${this.#client.escapeIdentifier(database.name)} TO ${role};`,
    };
  }

  #failure(databaseName: string, error: unknown): Finding {
    const translated = translate(error, `${this.#target.host}:${this.#target.port}`, this.#target);
    const code = translated.code === 'query_failed' ? 'database_unreadable' : translated.code;
    return { databaseName, code, message: translated.message };
  }

  /** Each statement runs in a read-only transaction of its own: settings of a session would leak behind a pooler. */
  async #query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const milliseconds = this.#deadlines.query;
    const work = async (): Promise<Row[]> => {
      await this.#client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${milliseconds}`);
      try {
        return (await this.#client.query<Row>(text, values)).rows;
      } finally {
        await this.#client.query('ROLLBACK');
      }
    };
    // The server's own timeout comes first and leaves the connection usable; ours is for a server that is gone.
    return withDeadline(work(), {
      milliseconds: milliseconds + this.#deadlines.close,
      name: 'reading the sizes',
      onTimeout: () => this.#socket.destroy(),
    });
  }
}

const timedOut = '57014';
/** "database with OID … does not exist": the code changed with the version. */
const databaseGone = ['3D000', '42704'];

function addSize(
  databaseName: string,
  bytes: string,
  method: Method,
  databases: DatabaseMeasurement[],
  failures: Finding[],
): void {
  try {
    const sizeBytes = toBytes(bytes, databaseName);
    databases.push({
      databaseName,
      sizeBytes,
      // Files hold data only: the log (WAL) belongs to the instance.
      dataBytes: sizeBytes,
      logBytes: null,
      indexBytes: null,
      tempBytes: null,
      usedBytes: null,
      limitBytes: null,
      method,
    });
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    failures.push({ databaseName, code: error.code, message: error.message });
  }
}

const serverCodes: Readonly<Record<string, ErrorCode>> = {
  '28P01': 'access_denied',
  '28000': 'access_denied',
  '3D000': 'database_unknown',
  '42501': 'permission_denied',
  '53300': 'too_many_connections',
  '57P03': 'connection_refused',
  [timedOut]: 'timeout',
};

/** A driver's or server's error in our terms. The server's text is kept: it names roles and databases, never a password. */
function translate(error: unknown, place: string, target: Target): TidemarkError {
  if (error instanceof TidemarkError) return error;
  const network = networkError(error, place);
  if (network !== null) return network;
  const text = messageOf(error);
  const code = serverCodes[codeOf(error) ?? ''];
  if (code === 'access_denied') {
    const message = `${place}: access denied for user ${target.username}: check user name, password and pg_hba.conf (${text})`;
    return new TidemarkError(code, message, { cause: error });
  }
  if (code !== undefined) return new TidemarkError(code, `${place}: ${text}`, { cause: error });
  if (text.includes('password must be a string')) {
    return new TidemarkError(
      'access_denied',
      `${place}: access denied: the server asks for a password and none is set`,
      {
        cause: error,
      },
    );
  }
  if (/Connection terminated|not queryable|Client has encountered/.test(text)) {
    return new TidemarkError('connection_lost', `${place}: the server closed the connection: look into its log`, {
      cause: error,
    });
  }
  const kind = codeOf(error) === undefined ? 'protocol_error' : 'query_failed';
  return new TidemarkError(kind, `${place}: ${text}`, { cause: error });
}
