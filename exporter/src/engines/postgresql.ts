import { Socket } from 'node:net';
import pg from 'pg';
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
  type Method,
  type SessionDeadlines,
  type StorageMeasurement,
  type Target,
} from './engine.ts';
import { followProgress, loginError } from './login-errors.ts';
import { databaseGone, timedOut, translate } from './postgresql/errors.ts';
import { guardParser } from './postgresql/protocol.ts';
import { estimateDatabase, listDatabases, sizeDatabases, sizeTablespaces, sizeWal } from './postgresql/statements.ts';
import { allocated } from './storage.ts';
import { connectAsPreferred, tlsConnectionOptions } from './tls.ts';

/** PostgreSQL 12 and newer, and what speaks its protocol. */
export const postgresql: Engine = {
  name: 'postgresql',
  label: 'PostgreSQL',
  supportedVersions: 'PostgreSQL 12 and newer',
  capabilities: [
    {
      subject: 'size',
      since: '12',
      source: 'pg_database_size',
      privilege: 'GRANT pg_read_all_stats TO tidemark; or CONNECT on each database',
    },
    { subject: 'data', since: '12', source: 'the same: the files of a database hold data only', privilege: null },
    { subject: 'log', since: null, source: 'the write-ahead log belongs to the instance', privilege: null },
    { subject: 'index', since: null, source: 'needs a connection to each database', privilege: null },
    { subject: 'temp', since: null, source: 'counted as data', privilege: null },
    { subject: 'used', since: null, source: 'files grow and shrink with their content', privilege: null },
    {
      subject: 'limit',
      since: null,
      source: 'the disk is the limit, and the server does not know it',
      privilege: null,
    },
    { subject: 'instance log', since: '12', source: 'pg_ls_waldir', privilege: 'GRANT pg_monitor TO tidemark;' },
    { subject: 'tablespaces', since: '12', source: 'pg_tablespace_size', privilege: 'GRANT pg_monitor TO tidemark;' },
    { subject: 'volumes', since: null, source: 'the server does not know its disks', privilege: null },
  ],
  defaultPort: 5432,
  defaultDatabase: 'postgres',
  connect,
};

/** Databases sized by one statement; where it fails or takes too long, each of them is sized by one of its own. */
const chunkLength = 50;

/** So many databases in a row that take too long are the server's fault. */
const timeoutsOfSlowServer = 3;

/** What there is besides the databases, each by one statement. */
const storageParts = [
  { scope: 'log', label: 'the write-ahead log', statement: sizeWal },
  { scope: 'tablespace', label: 'the tablespaces', statement: sizeTablespaces },
] as const;

/** Milliseconds for each of the statements that go together in the first message: most servers need a thousandth of it. */
const togetherTimeout = 5_000;

interface ListedDatabase {
  readonly oid: number;
  readonly name: string;
  readonly readable: boolean;
}

interface SizedStorage {
  readonly name: string;
  readonly readable: boolean;
  readonly size_bytes: string | null;
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
  const progress = followProgress(socket);
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
  const parameters = reportedParameters(client);
  try {
    await withDeadline(client.connect(), {
      milliseconds: deadlines.connect,
      name: `connecting to ${place}`,
      onTimeout: () => socket.destroy(),
    });
    return new PostgresqlSession(client, socket, target, deadlines, {
      version: versionOf(parameters.get('server_version')),
      encrypted,
    });
  } catch (error) {
    socket.destroy();
    throw loginError(translate(error, place, target), 'PostgreSQL', progress());
  }
}

/** What a server reports of itself at every login, so that nobody need ask. */
function reportedParameters(client: pg.Client): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  client.connection.on('parameterStatus', ({ parameterName, parameterValue }: Record<string, string>) => {
    if (parameterName !== undefined && parameterValue !== undefined) parameters.set(parameterName, parameterValue);
  });
  return parameters;
}

/** Of `18.4 (Debian 18.4-1)` the first word. */
function versionOf(reported = 'unknown'): string {
  if (!(parseInt(reported, 10) >= 12)) {
    throw new TidemarkError('server_too_old', `PostgreSQL ${reported} is not supported: 12 or newer is needed`);
  }
  return reported.split(' ')[0] ?? reported;
}

class PostgresqlSession implements EngineSession {
  readonly serverVersion: string;
  readonly encrypted: boolean;
  readonly remoteAddress: string | null;
  readonly #client: pg.Client;
  readonly #socket: Socket;
  readonly #target: Target;
  readonly #deadlines: SessionDeadlines;
  #timeoutsInARow = 0;
  #isClosed = false;

  constructor(
    client: pg.Client,
    socket: Socket,
    target: Target,
    deadlines: SessionDeadlines,
    server: { readonly version: string; readonly encrypted: boolean },
  ) {
    this.#client = client;
    this.#socket = socket;
    this.#target = target;
    this.#deadlines = deadlines;
    this.serverVersion = `PostgreSQL ${server.version}`;
    this.encrypted = server.encrypted;
    this.remoteAddress = socket.remoteAddress ?? null;
  }

  async measure(options: MeasureOptions): Promise<InstanceMeasurement> {
    try {
      return await this.#measure(options);
    } catch (error) {
      throw translate(error, this.#place, this.#target);
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return closeWithin(this.#client.end(), this.#deadlines.close, this.#socket);
  }

  async #measure(options: MeasureOptions): Promise<InstanceMeasurement> {
    const warnings: Finding[] = [];
    const together = await this.#listWithStorage(warnings);
    const listed = together?.listed ?? (await this.#query<ListedDatabase>(listDatabases));
    const wanted = listed.filter((database) => options.wanted(database.name));
    const failures = wanted.filter((database) => !database.readable).map((database) => this.#denied(database));
    const readable = wanted.filter((database) => database.readable);
    const databases: DatabaseMeasurement[] = [];
    for (let start = 0; start < readable.length; start += chunkLength) {
      const chunk = readable.slice(start, start + chunkLength);
      await this.#measureChunk(chunk, options, databases, failures);
    }
    const storage = together?.storage ?? (await this.#measureStorage(warnings));
    return { databases, storage, failures, warnings };
  }

  /** Databases and storage in one message; null where the server refuses a part or takes its time: then they are asked one by one. */
  async #listWithStorage(
    warnings: Finding[],
  ): Promise<{ readonly listed: ListedDatabase[]; readonly storage: StorageMeasurement[] } | null> {
    const texts: [string, ...string[]] = [listDatabases, ...storageParts.map(({ statement }) => statement)];
    const timeout = Math.min(togetherTimeout, Math.floor(this.#deadlines.query / texts.length));
    try {
      const [listed, ...sized] = await this.#queryAll<[ListedDatabase[], ...SizedStorage[][]]>(texts, timeout);
      return {
        listed,
        storage: storageParts.flatMap((part, index) => this.#readStorage(part, sized[index] ?? [], warnings)),
      };
    } catch (error) {
      if (this.#isEnd(error)) throw error;
      return null;
    }
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
      if (this.#isEnd(error)) {
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
      } else if (code === undefined || !databaseGone.includes(code)) {
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
      // An estimate has a connection of its own, and would go on.
      if (options.estimateOnTimeout && !this.#isClosed) await this.#estimate(database, databases, failures);
      else failures.push(this.#failure(database.name, error));
    }
  }

  #sizes(chunk: readonly ListedDatabase[]): Promise<{ oid: number; size_bytes: string | null }[]> {
    return this.#query(sizeDatabases(chunk.map((database) => database.oid)));
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

  async #measureStorage(warnings: Finding[]): Promise<StorageMeasurement[]> {
    const storage: StorageMeasurement[] = [];
    for (const part of storageParts) {
      try {
        storage.push(...this.#readStorage(part, await this.#query<SizedStorage>(part.statement), warnings));
      } catch (error) {
        warnings.push(this.#storageWarning(part.label, error));
      }
    }
    return storage;
  }

  #readStorage(
    { scope, label }: (typeof storageParts)[number],
    rows: readonly SizedStorage[],
    warnings: Finding[],
  ): StorageMeasurement[] {
    const readable = rows.filter((row) => row.readable);
    const storage = readable.map((row) => allocated(scope, row.name, toBytesOrNull(row.size_bytes, row.name)));
    const hidden = rows.filter((row) => !row.readable).map((row) => row.name);
    if (hidden.length > 0) warnings.push(this.#storageWarning(`${label} ${hidden.join(', ')}`, null));
    return storage;
  }

  /** The databases are measured all the same; a null error means that the privilege is known to be missing. */
  #storageWarning(what: string, error: unknown): Finding {
    const problem = error === null ? null : translate(error, this.#place, this.#target);
    if (problem !== null && problem.code !== 'permission_denied') {
      return { databaseName: null, code: problem.code, message: `${what} cannot be measured: ${problem.message}` };
    }
    const role = this.#client.escapeIdentifier(this.#target.username);
    const message = `${this.#target.username} may not read the size of ${what}: run GRANT pg_monitor TO ${role};`;
    return { databaseName: null, code: 'permission_denied', message };
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

  get #place(): string {
    return `${this.#target.host}:${this.#target.port}`;
  }

  /** Whether an error has ended the connection, and all that was still to be asked. */
  #isEnd(error: unknown): boolean {
    const { code } = translate(error, this.#place, this.#target);
    return this.#socket.destroyed || code === 'connection_lost' || code === 'protocol_error';
  }

  #failure(databaseName: string, error: unknown): Finding {
    const translated = translate(error, this.#place, this.#target);
    const code = translated.code === 'query_failed' ? 'database_unreadable' : translated.code;
    return { databaseName, code, message: translated.message };
  }

  async #query<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
    const [rows] = await this.#queryAll<[Row[]]>([text]);
    return rows;
  }

  /**
   * Statements run in a read-only transaction of their own: settings of a session would leak behind a pooler. All of it goes
   * in one message, because a server far away takes its time for every one.
   * @param timeout of each, as the server counts it, in milliseconds
   * @returns the rows of each
   */
  async #queryAll<Answers extends pg.QueryResultRow[][]>(
    texts: { readonly [Index in keyof Answers]: string },
    timeout = this.#deadlines.query,
  ): Promise<Answers> {
    const begin = ['BEGIN READ ONLY', `SET LOCAL statement_timeout = ${timeout}`];
    const work = async (): Promise<Answers> => {
      try {
        const results: unknown = await this.#client.query([...begin, ...texts, 'ROLLBACK'].join(';'));
        return (results as pg.QueryResult<pg.QueryResultRow>[])
          .slice(begin.length, -1)
          .map((result) => result.rows) as Answers;
      } catch (error) {
        // Where the connection is gone, so is the transaction, and what ended it is what went wrong.
        await this.#client.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    };
    // The server's own timeout comes first and leaves the connection usable; ours is for a server that is gone.
    return withDeadline(work(), {
      milliseconds: this.#deadlines.query + this.#deadlines.close,
      name: 'reading the sizes',
      onTimeout: () => this.#socket.destroy(),
    });
  }
}

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
