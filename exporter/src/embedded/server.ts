import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { Secret } from '../config/secret.ts';
import { codeOf, messageOf, TidemarkError } from '../errors.ts';
import { isRepositoryOutage, repositoryClientName } from '../store/pool.ts';
import { giveTo, serverAccount, type Account } from './account.ts';
import { findBinaries, type Binaries } from './binaries.ts';
import { chooseDataDirectory } from './data-directory.ts';

/** A running PostgreSQL that belongs to us. */
export interface EmbeddedServer {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: Secret;
  /** Of the repository's database. */
  readonly url: Secret;
  readonly dataDirectory: string;
  /** Whether it was running already, left by an exporter that was killed or in use by another one. */
  readonly adopted: boolean;
  /** Stops the server in order, unless another exporter uses it. */
  stop(): Promise<void>;
}

const host = '127.0.0.1';
const username = 'tidemark';
const databaseName = 'tidemark';

/** What the server is told on top of its defaults: loopback only, a week of logs. */
const serverSettings = `
# Tidemark
listen_addresses = '${host}'
unix_socket_directories = ''
logging_collector = on
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
`;

/**
 * Starts the PostgreSQL that npm brought along, or takes over the one that runs on this data directory. The data directory
 * is made at the first start, with a generated password beside it.
 * @param dataDirectory null for `./data`
 * @param deadline for starting and stopping, crash recovery included, in milliseconds
 * @param packageName of the PostgreSQL, when it is not the usual one
 * @throws TidemarkError `embedded_failed`
 */
export async function startEmbeddedServer(
  dataDirectory: string | null,
  deadline: number,
  packageName?: string,
): Promise<EmbeddedServer> {
  const account = serverAccount();
  const folder = chooseDataDirectory(dataDirectory, account);
  const binaries = findBinaries(account, folder, packageName);
  const cluster = join(folder, 'postgresql');
  const control = new ServerControl(binaries, account, cluster, deadline);
  if (!existsSync(join(cluster, 'PG_VERSION'))) await createCluster(control, folder);
  refuseOtherMajor(cluster, binaries);
  const password = new Secret(readFileSync(passwordFile(cluster), 'utf8'));
  const { adopted, port, ...entered } = await enter(control, password, deadline);
  const connection = { host, port, user: username, password: password.reveal() };
  await createDatabase(connection);
  // The address is known to everybody by now: from here on it starts there or not at all.
  control.insistOn(port);
  const presence = new Presence(entered.presence, async () => (await enter(control, password, deadline)).presence);
  return {
    host,
    port,
    username,
    password,
    url: new Secret(`postgresql://${username}:${password.reveal()}@${host}:${port}/${databaseName}`),
    dataDirectory: folder,
    adopted,
    stop: async () => {
      await presence.end();
      if (!(await hasOtherUsers(connection))) await control.stop();
    },
  };
}

/**
 * Starts the server or joins it, and stays connected: an exporter that is idle has no other connection, and whoever leaves
 * last stops the server. Tries again where another exporter is just starting or stopping it, or it has just been killed.
 */
async function enter(
  control: ServerControl,
  password: Secret,
  deadline: number,
): Promise<{ adopted: boolean; port: number; presence: pg.Client }> {
  const end = Date.now() + deadline;
  for (;;) {
    const adopted = await control.ensureRunning();
    const presence = new pg.Client({
      ...{ host, port: portOf(control.cluster), user: username, password: password.reveal(), database: 'postgres' },
      application_name: repositoryClientName,
      connectionTimeoutMillis: 10_000,
    });
    presence.on('error', () => undefined);
    try {
      await presence.connect();
      return { adopted, port: presence.port, presence };
    } catch (error) {
      if (Date.now() > end || !isRepositoryOutage(error)) {
        const message = `the embedded PostgreSQL does not let us in: ${messageOf(error)}`;
        throw new TidemarkError('embedded_failed', message, { cause: error });
      }
      await delay(100);
    }
  }
}

/** Milliseconds until a server that does not come back is started again. */
const revivalPause = 2_000;

/** Our connection to the server, for as long as we use it. Where it is lost, the server has died: it is started again, where it was. */
class Presence {
  #client: pg.Client;
  readonly #enter: () => Promise<pg.Client>;
  #revival: Promise<void> | null = null;
  #ended = false;

  constructor(client: pg.Client, enter: () => Promise<pg.Client>) {
    this.#client = client;
    this.#enter = enter;
    this.#watch();
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#revival;
    await this.#client.end();
  }

  #watch(): void {
    this.#client.once('end', () => {
      if (!this.#ended) this.#revival ??= this.#revive();
    });
  }

  async #revive(): Promise<void> {
    while (!this.#ended) {
      try {
        this.#client = await this.#enter();
        this.#revival = null;
        this.#watch();
        return;
      } catch {
        // Its log says why; whoever needs the repository says that it is away.
        await delay(revivalPause);
      }
    }
  }
}

/** Runs the server's own programs on one data directory. */
class ServerControl {
  readonly binaries: Binaries;
  readonly account: Account;
  readonly cluster: string;
  readonly #deadline: number;
  #knownPort: number | null = null;

  constructor(binaries: Binaries, account: Account, cluster: string, deadline: number) {
    this.binaries = binaries;
    this.account = account;
    this.cluster = cluster;
    this.#deadline = deadline;
  }

  /** @returns whether it was running already */
  async ensureRunning(): Promise<boolean> {
    if (await this.#isRunning()) return true;
    const port = await this.#port();
    // Standard output stays unused: the server inherits it and would keep a pipe open for as long as it runs.
    const started = await this.run(
      this.binaries.pgCtl,
      ['start', '-w', '-t', this.#seconds(), '-s', '-D', this.cluster, '-l', this.startupLog(), '-o', `-p ${port}`],
      'ignore',
    );
    if (started.code === 0) {
      this.#notePort(port);
      return false;
    }
    // Another exporter may have been quicker, or what is left of a killed server takes a moment to end.
    const reason = lastLines(this.startupLog());
    const isOccupied = /lock file|shared memory block/.test(reason.slice(reason.lastIndexOf('FATAL')));
    if (isOccupied || (await this.#isRunning())) return true;
    throw new TidemarkError(
      'embedded_failed',
      `the embedded PostgreSQL does not start; its log ${this.startupLog()} says: ${reason}`,
    );
  }

  async stop(): Promise<void> {
    const { code, output } = await this.run(this.binaries.pgCtl, [
      'stop',
      ...['-w', '-t', this.#seconds(), '-s', '-m', 'fast', '-D', this.cluster],
    ]);
    if (code !== 0 && (await this.#isRunning())) {
      throw new TidemarkError('embedded_failed', `the embedded PostgreSQL does not stop: ${output}`);
    }
  }

  startupLog(): string {
    return join(this.cluster, 'startup.log');
  }

  async run(
    program: string,
    args: string[],
    stdio: 'pipe' | 'ignore' = 'pipe',
  ): Promise<{ code: number; output: string }> {
    const child = spawn(program, args, {
      ...this.account,
      cwd: this.binaries.folder,
      stdio: ['ignore', stdio, stdio],
      env: { ...process.env, LC_ALL: 'C' },
    });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    try {
      const [code] = (await once(child, 'close')) as [number | null];
      return { code: code ?? 1, output: output.trim() };
    } catch (error) {
      throw new TidemarkError('embedded_failed', `${program} cannot be run: ${String(error)}`, { cause: error });
    }
  }

  insistOn(port: number): void {
    this.#knownPort = port;
  }

  /** The one that it had before, where that is free: who used it may still knock there. */
  async #port(): Promise<number> {
    if (this.#knownPort !== null) return this.#knownPort;
    const before = existsSync(this.#portFile) ? Number(readFileSync(this.#portFile, 'utf8')) : 0;
    return freePort(before).catch(() => freePort(0));
  }

  #notePort(port: number): void {
    writeFileSync(this.#portFile, String(port));
    giveTo(this.account, this.#portFile);
  }

  get #portFile(): string {
    return join(this.cluster, 'tidemark-port');
  }

  async #isRunning(): Promise<boolean> {
    return (await this.run(this.binaries.pgCtl, ['status', '-D', this.cluster])).code === 0;
  }

  #seconds(): string {
    return String(Math.ceil(this.#deadline / 1000));
  }
}

/**
 * Made under a name of its own and renamed at the end, password included: a data directory is never half made, and of two
 * exporters that start at once on an empty folder the quicker one wins.
 */
async function createCluster(control: ServerControl, folder: string): Promise<void> {
  const unfinished = join(folder, `postgresql.${process.pid}`);
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  giveTo(control.account, unfinished);
  const password = randomBytes(24).toString('base64url');
  const initialPassword = `${unfinished}.password`;
  writeFileSync(initialPassword, password, { mode: 0o600 });
  giveTo(control.account, initialPassword);
  try {
    const { code, output } = await control.run(control.binaries.initdb, [
      ...['-D', unfinished, '-U', username, `--pwfile=${initialPassword}`],
      ...['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-instructions'],
    ]);
    if (code !== 0) throw new TidemarkError('embedded_failed', `the data directory cannot be made: ${output}`);
    appendFileSync(join(unfinished, 'postgresql.conf'), serverSettings);
    renameSync(initialPassword, passwordFile(unfinished));
    renameSync(unfinished, control.cluster);
  } catch (error) {
    // Onto a folder that is not empty nothing can be renamed.
    if (!existsSync(control.cluster)) throw error;
  } finally {
    rmSync(initialPassword, { force: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function passwordFile(cluster: string): string {
  return join(cluster, 'tidemark-password');
}

function refuseOtherMajor(cluster: string, binaries: Binaries): void {
  const major = Number.parseInt(readFileSync(join(cluster, 'PG_VERSION'), 'utf8'), 10);
  if (major === binaries.major) return;
  throw new TidemarkError(
    'embedded_failed',
    `${cluster} belongs to PostgreSQL ${major}, installed is ${binaries.major}: start the Tidemark that made it, dump the ` +
      'repository with pg_dump, and restore it into a new data directory',
  );
}

/** The fourth line of postmaster.pid is the port; 1, where nobody listens, while the file is not there or half written. */
function portOf(cluster: string): number {
  try {
    return Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[3]) || 1;
  } catch {
    return 1;
  }
}

/** @param wanted 0: any @throws Error where it is taken */
async function freePort(wanted: number): Promise<number> {
  const server = createServer().listen(wanted, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function createDatabase(connection: pg.ClientConfig): Promise<void> {
  await withClient(connection, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [databaseName]);
    if (rowCount !== 0) return;
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(databaseName)}`).catch((error: unknown) => {
      // Another exporter, started at the same moment, may have made it.
      if (!['42P04', '23505'].includes(codeOf(error) ?? '')) throw error;
    });
  });
}

async function hasOtherUsers(connection: pg.ClientConfig): Promise<boolean> {
  try {
    return await withClient(connection, async (client) => {
      const { rowCount } = await client.query('SELECT FROM pg_stat_activity WHERE application_name = $1', [
        repositoryClientName,
      ]);
      return (rowCount ?? 0) > 0;
    });
  } catch {
    // It does not even answer: nobody uses it.
    return false;
  }
}

async function withClient<T>(connection: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...connection, database: 'postgres', connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function lastLines(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').slice(-5).join(' | ') : 'nothing';
}
