// Side by side with the exporters of Debian, on the same servers with many databases: the same sizes, and what a scrape takes.
import { spawn } from 'node:child_process';
import { once as onceEvent } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { middle, once } from '../report.mjs';
import { createDatabase } from './fleet.mjs';
import { createPostgresqlDatabases, freePort, startMariadbWithSchemas } from './servers.mjs';
import { createScraper, sumBy, textOf } from './scrape.mjs';

const command = fileURLToPath(new URL('../../../exporter/bin/tidemark.js', import.meta.url));
const token = 'token-of-the-benchmark';

/** Packages of Debian, and what starts them. */
const programs = {
  'prometheus-postgres-exporter': '/usr/bin/prometheus-postgres-exporter',
  'prometheus-mysqld-exporter': '/usr/bin/prometheus-mysqld-exporter',
  'mariadb-server': '/usr/sbin/mariadbd',
};

/** @returns true: all targets are in the report */
export async function measureRivals({ report, notes, small, folder, url }) {
  const missing = Object.keys(programs).filter((name) => !existsSync(programs[name]));
  if (missing.length > 0) throw new Error(`not installed: apt-get install ${missing.join(' ')}`);
  const count = small ? 20 : 500;
  const started = [];
  try {
    console.error(`  ${count} databases each`);
    await createPostgresqlDatabases(url, count);
    const mariadb = await startMariadbWithSchemas(join(folder, 'mariadb'), count);
    started.push(mariadb);
    const servers = [
      { name: 'PostgreSQL', ...postgresql(url) },
      { name: 'MariaDB', ...mysql(mariadb) },
    ];
    const ours = await startOurs(folder, url, servers);
    started.push(ours);
    for (const server of servers) {
      const measured = await ours.collect(server.entry.name);
      if (measured < count) throw new Error(`${server.name}: only ${measured} databases were measured`);
      const port = await freePort();
      const theirs = await start(
        programs[server.rival],
        [...server.args, `--web.listen-address=127.0.0.1:${port}`],
        server.env,
      );
      started.push(theirs);
      await compare({ report, notes, count }, server, `${ours.url}/metrics`, `http://127.0.0.1:${port}/metrics`);
    }
    notes.push(`MariaDB, the files of its ${count} schemas on disk: ${mariadb.fileBytes()} bytes`);
    return true;
  } finally {
    for (const { stop } of started.reverse()) await stop();
  }
}

/** The server of the benchmark: what we watch, and how the other exporter is told to tell sizes and nothing else. */
function postgresql(url) {
  const { port, username, password } = new URL(url.reveal());
  return {
    entry: {
      name: 'postgresql',
      engine: 'postgresql',
      port: Number(port),
      username,
      password,
      include: ['bench_db_*'],
    },
    rival: 'prometheus-postgres-exporter',
    env: { DATA_SOURCE_NAME: `${url.reveal().replace(/[^/]+$/, 'postgres')}?sslmode=disable` },
    args: ['--disable-default-metrics', '--disable-settings-metrics', '--no-collector.bgwriter'],
    sizes: [{ kind: 'size', ours: 'tidemark_database_size_bytes', theirs: ['pg_database_size_bytes', 'datname'] }],
  };
}

function mysql({ port, password }) {
  const off = [
    'global_status',
    'global_variables',
    'slave_status',
    'info_schema.innodb_cmp',
    'info_schema.innodb_cmpmem',
  ];
  return {
    entry: { name: 'mariadb', engine: 'mysql', port, username: 'root', password, include: ['bench_db_*'] },
    rival: 'prometheus-mysqld-exporter',
    env: { DATA_SOURCE_NAME: `root:${password}@(127.0.0.1:${port})/` },
    args: [
      ...['--collect.info_schema.tables', '--no-collect.info_schema.query_response_time'],
      ...off.map((name) => `--no-collect.${name}`),
    ],
    sizes: [
      {
        ...{ kind: 'index size', ours: 'tidemark_database_size_bytes', part: 'type="index"' },
        theirs: ['mysql_info_schema_table_size', 'schema', 'component="index_length"'],
      },
      {
        ...{ kind: 'size of the files, theirs by the statistics', ours: 'tidemark_database_size_bytes' },
        theirs: ['mysql_info_schema_table_size', 'schema'],
      },
    ],
  };
}

async function compare({ report, notes, count }, { name, entry, rival, sizes }, ours, theirs) {
  const scraper = createScraper();
  const mine = textOf(await scraper.get(ours));
  const other = textOf(await scraper.get(theirs));
  for (const {
    kind,
    ours: metric,
    part = '',
    theirs: [otherMetric, label, otherPart = ''],
  } of sizes) {
    const only = (text, words) =>
      text
        .split('\n')
        .filter((line) => words.every((word) => line.includes(word)))
        .join('\n');
    const left = sumBy(only(mine, [`db_instance="${entry.name}"`, part]), metric, 'database');
    const right = sumBy(only(other, [otherPart]), otherMetric, label);
    const names = [...left.keys()].filter((database) => database.startsWith('bench_db_'));
    const same = names.filter((database) => left.get(database) === right.get(database));
    const total = (sums) => names.reduce((sum, database) => sum + (sums.get(database) ?? 0), 0);
    notes.push(
      `${name}, ${kind}: the same for ${same.length} of ${count} databases; together ours is ` +
        `${(total(left) / total(right)).toFixed(3)} of theirs (${total(left)} and ${total(right)} bytes)`,
    );
  }
  const times = { ours: [], theirs: [] };
  for (let round = 0; round < 11; round += 1) {
    times.ours.push(await once(() => scraper.get(ours)));
    times.theirs.push(await once(() => scraper.get(theirs)));
  }
  scraper.close();
  report.add(`${name}, ${count} databases: scrape`, middle(times.ours), {
    ...{ limit: middle(times.theirs), limitName: rival, target: 1 },
  });
}

/** An exporter that watches these servers. */
async function startOurs(folder, url, servers) {
  const repository = await createDatabase(url, 'bench_rivals');
  const instances = servers.map(({ entry }) => ({ host: '127.0.0.1', tls: { mode: 'disable' }, ...entry }));
  // JSON is YAML too.
  writeFileSync(join(folder, 'tidemark.yaml'), JSON.stringify({ instances }));
  const child = spawn(process.execPath, [command, 'serve'], {
    cwd: folder,
    env: {
      ...{ PATH: process.env.PATH, DATABASE_URL: repository.reveal(), TIDEMARK_PORT: '0', TIDEMARK_ADMIN_TOKEN: token },
      ...{ COLLECT_DB_SIZE_ENABLED: 'false', AGGREGATION_ENABLED: 'false', TIDEMARK_ALLOW_LOCAL_TARGETS: 'true' },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = onceEvent(child, 'close');
  let output = '';
  const address = await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      output = (output + chunk).slice(-10_000);
      const [, found] = /"url":"([^"]+)","msg":"Tidemark is ready"/.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => reject(new Error(`the exporter ended: ${output}`)));
  });
  return { url: address, stop: () => stop(child, ended), collect: (instance) => collect(address, instance) };
}

/** Measures one instance. @returns how many databases were measured */
async function collect(address, instance) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const ask = async (path, options = {}) => {
    const answer = await (await fetch(`${address}/api/v1${path}`, { headers, ...options })).json();
    if (answer.error !== undefined) throw new Error(`${path}: ${answer.error.message}`);
    return answer.data;
  };
  const { id } = await ask('/collections', { method: 'POST', body: JSON.stringify({ instance }) });
  for (;;) {
    const session = await ask(`/collections/${id}`);
    if (session.status !== 'running') break;
    await delay(100);
  }
  const [record] = await ask(`/collections/${id}/records`);
  if (record.status !== 'succeeded') throw new Error(`${instance}: ${JSON.stringify(record)}`);
  return record.databases_measured;
}

async function start(program, args, environment) {
  const child = spawn(program, args, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = onceEvent(child, 'close');
  let said = '';
  child.stderr.on('data', (chunk) => (said = (said + chunk).slice(-10_000)));
  const address = `http://${args.at(-1).split('=')[1]}/`;
  for (let attempt = 0; ; attempt += 1) {
    const answers = await fetch(address).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) break;
    if (child.exitCode !== null || attempt === 300) throw new Error(`${program}: ${said}`);
    await delay(100);
  }
  return { stop: () => stop(child, ended) };
}

async function stop(child, ended) {
  child.kill('SIGTERM');
  await ended;
}
