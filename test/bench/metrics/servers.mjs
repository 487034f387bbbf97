// Servers with many databases, made quickly: nothing of theirs has to outlive the benchmark.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import pg from 'pg';

const password = 'root-of-the-benchmark';

/** A hundred rows. */
const rows = Array.from({ length: 100 }, (_, index) => `(${index}, '${'x'.repeat(150)}')`).join(', ');

const namesOf = (count) => Array.from({ length: count }, (_, index) => `bench_db_${index}`);

/** Databases of PostgreSQL, each a copy of the template. */
export async function createPostgresqlDatabases(url, count) {
  const client = new pg.Client({ connectionString: url.reveal() });
  await client.connect();
  await client.query('ALTER SYSTEM SET fsync = off');
  await client.query('SELECT pg_reload_conf()');
  for (const name of namesOf(count))
    await client.query(`CREATE DATABASE ${name} TEMPLATE template0 STRATEGY FILE_COPY`);
  await client.end();
}

/** A MariaDB of its own, with so many schemas of two tables that hold something. */
export async function startMariadbWithSchemas(dataDirectory, count) {
  const asRoot = process.getuid?.() === 0 ? ['--user=mysql'] : [];
  mkdirSync(dataDirectory, { recursive: true });
  const install = [
    '--no-defaults',
    ...asRoot,
    `--datadir=${dataDirectory}`,
    '--auth-root-authentication-method=normal',
  ];
  execFileSync('mariadb-install-db', [...install, '--skip-test-db'], { stdio: 'pipe' });
  const port = await freePort();
  const log = openSync(`${dataDirectory}.log`, 'a');
  const child = spawn(
    '/usr/sbin/mariadbd',
    [
      ...['--no-defaults', ...asRoot, `--datadir=${dataDirectory}`, `--port=${port}`, '--bind-address=127.0.0.1'],
      ...[`--socket=${join(dataDirectory, 'socket')}`, `--pid-file=${join(dataDirectory, 'pid')}`],
      ...['--skip-name-resolve', '--innodb-flush-log-at-trx-commit=0', '--table-open-cache=4000'],
    ],
    { stdio: ['ignore', log, log] },
  );
  closeSync(log);
  const connection = await connect(port, child);
  await connection.query(`ALTER USER root@'127.0.0.1' IDENTIFIED BY ${connection.escape(password)}`);
  for (const name of namesOf(count)) {
    await connection.query(`CREATE DATABASE ${name}`);
    for (const table of ['orders', 'items']) {
      await connection.query(`CREATE TABLE ${name}.${table} (id int PRIMARY KEY, text varchar(200), KEY (text))`);
      await connection.query(`INSERT INTO ${name}.${table} VALUES ${rows}`);
    }
  }
  await connection.end();
  return {
    ...{ port, password },
    /** What the schemas take on disk. */
    fileBytes: () => namesOf(count).reduce((sum, name) => sum + tableBytesIn(join(dataDirectory, name)), 0),
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function tableBytesIn(folder) {
  const tables = readdirSync(folder).filter((name) => name.endsWith('.ibd'));
  return tables.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

async function connect(port, child) {
  for (;;) {
    if (child.exitCode !== null) throw new Error('MariaDB ended while it started: its log says why');
    try {
      return await mysql.createConnection({ host: '127.0.0.1', port, user: 'root' });
    } catch (error) {
      if (error.code !== 'ECONNREFUSED') throw error;
      await delay(100);
    }
  }
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
