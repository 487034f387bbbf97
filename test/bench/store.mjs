// The repository under the load of a large fleet: 1 000 instances x 50 databases x 365 days.
import { once as onceEvent } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import os from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createApp } from '../../exporter/dist/api/app.js';
import { defaultDeadlines } from '../../exporter/dist/config/deadlines.js';
import { Secret } from '../../exporter/dist/config/secret.js';
import { startEmbeddedServer } from '../../exporter/dist/embedded/server.js';
import { createLogger } from '../../exporter/dist/log.js';
import { createMetrics } from '../../exporter/dist/metrics/metrics.js';
import { aggregate } from '../../exporter/dist/statistics/aggregate.js';
import { aggregatePeriod } from '../../exporter/dist/store/aggregation.js';
import { readDailyTotals } from '../../exporter/dist/store/daily-totals.js';
import { readGrowth } from '../../exporter/dist/store/growth.js';
import { importMeasurements } from '../../exporter/dist/store/import.js';
import { readHistory, readLatest, saveMeasurements } from '../../exporter/dist/store/measurements.js';
import { migrate } from '../../exporter/dist/store/migrate.js';
import { ensurePartitionsOf } from '../../exporter/dist/store/partitions.js';
import { addDays, periodOf } from '../../exporter/dist/store/periods.js';
import { createPool } from '../../exporter/dist/store/pool.js';
import { applyRetention } from '../../exporter/dist/store/retention.js';
import { readPeriodStatistics } from '../../exporter/dist/store/statistics.js';
import { median, once, Report } from './report.mjs';

const today = '2026-11-22';
const deadlines = { ...defaultDeadlines, repositoryStatement: 3_600_000 };

export async function run({ small }) {
  const fleet = small ? { instances: 100, databases: 50, days: 120 } : { instances: 1000, databases: 50, days: 365 };
  const folder = mkdtempSync(join(os.tmpdir(), 'tidemark-bench-'));
  chmodSync(folder, 0o755);
  const server = await startEmbeddedServer(join(folder, 'data'), deadlines.embedded);
  try {
    const report = new Report();
    const bench = { fleet, report, url: server.url, small, folder: server.dataDirectory };
    const large = await openDatabase(server.url, 'bench_large', fleet);
    const short = await openDatabase(server.url, 'bench_short', {
      ...fleet,
      days: Math.max(31, Math.ceil(fleet.days / 10)),
    });
    await measure({ ...bench, large, short });
    await large.end();
    await short.end();
    const rows = fleet.instances * fleet.databases * fleet.days;
    const memory = Math.round(os.totalmem() / 2 ** 30);
    console.log(
      `\n${fleet.instances} instances x ${fleet.databases} databases x ${fleet.days} days = ${rows} rows; ` +
        `${os.cpus().length} x ${os.cpus()[0]?.model}, ${memory} GiB, Node ${process.versions.node}, ${server.version ?? 'PostgreSQL 18'}, ` +
        `load ${os
          .loadavg()
          .map((load) => load.toFixed(1))
          .join(' ')}\n`,
    );
    return report.print() || small ? 0 : 1;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A repository with a fleet in it, made by the server itself. */
async function openDatabase(adminUrl, name, { instances, databases, days }) {
  const admin = new pg.Client({ connectionString: adminUrl.reveal() });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const url = new Secret(adminUrl.reveal().replace(/[^/]+$/, name));
  await migrate(url, deadlines);
  const pool = createPool(url, deadlines, { max: 10 });
  await pool.query(
    `INSERT INTO instances (name, engine, host, port, database_name, source, owner, labels)
     SELECT 'instance-' || n, 'postgresql', 'host', 5432, 'postgres', 'user', 'team-' || n % 20,
       jsonb_build_object('environment', 'env-' || n % 3)
     FROM generate_series(1, $1::int) AS n`,
    [instances],
  );
  const first = addDays(today, 1 - days);
  const allDays = Array.from({ length: days }, (_, number) => addDays(first, number));
  await ensurePartitionsOf(pool, [...allDays, '2027-02-01']);
  const client = await pool.connect();
  // Checking 18 million foreign keys would be most of the time.
  await client.query('SET session_replication_role = replica');
  // Day by day, as it comes in real life: where the rows of a day stand together, a BRIN index finds them.
  for (const day of allDays) {
    if (day.endsWith('-01')) console.error(`  filling ${name}: ${day}`);
    await client.query(
      `INSERT INTO database_size_stats (instance_id, database_name, collected_date, collected_at, size_bytes, data_bytes,
         log_bytes, method)
       SELECT i, 'database_' || d, $1::date, $1::date + time '03:00', size, size * 9 / 10, size / 10, 'exact'
       FROM generate_series(1, $2::int) AS i
       CROSS JOIN LATERAL generate_series(1, $3::int) AS d
       CROSS JOIN LATERAL (
         SELECT (2e9 + (i * 7919 + d * 104729) % 1000003 * 10000::bigint
           + ($1::date - date '2025-01-01') * (((i * 31 + d * 17) % 100) - 20) * 40000::bigint
           + hashint4(i * 1000 + d + ($1::date - date '2025-01-01')) % 1000)::bigint AS size
       ) AS sizes
       ORDER BY i, d`,
      [day, instances, databases],
    );
  }
  await client.query('SET session_replication_role = origin');
  await client.query(
    `INSERT INTO database_latest (instance_id, database_name, first_seen_date, collected_date, collected_at, size_bytes,
       data_bytes, log_bytes, method)
     SELECT instance_id, database_name, $1, collected_date, collected_at, size_bytes, data_bytes, log_bytes, method
     FROM database_size_stats WHERE collected_date = $2`,
    [first, today],
  );
  await client.query(
    `INSERT INTO measurement_changes
     SELECT i, day::date FROM generate_series(1, $1::int) AS i, generate_series($2::date, $3::date, '1 day') AS day`,
    [instances, first, today],
  );
  client.release();
  await pool.query('VACUUM ANALYZE');
  return pool;
}

async function measure(bench) {
  const { fleet, large: pool, short, report } = bench;
  console.error('statistics of the whole history');
  const backfill = await once(() => aggregate(pool, today));
  report.add(`backfill: all statistics of ${fleet.days} days`, backfill);
  await once(() => aggregate(short, today));
  await pool.query('VACUUM ANALYZE');
  await short.query('VACUUM ANALYZE');
  report.add('nightly run: current and previous periods', await once(() => aggregate(pool, today)));
  await measureAggregation(bench);
  await measureReads(bench);
  await measureScale(bench);
  await measureWrites(bench);
  await measureDrop(bench);
}

const month = '2026-10-01';
const monthEnd = '2026-10-31';

async function measureAggregation({ large: pool, report, fleet }) {
  console.error('a month of the whole fleet');
  // Explained, so that the server computes every column and sends none; around it, a count(*) would leave the columns out.
  const bare = await median(5, () =>
    pool.query(
      `EXPLAIN (ANALYZE, TIMING OFF)
       SELECT instance_id, database_name, count(*), avg(size_bytes), max(size_bytes), min(size_bytes), avg(data_bytes),
         max(data_bytes), min(data_bytes), avg(log_bytes), max(log_bytes), min(log_bytes)
       FROM database_size_stats
       WHERE collected_date BETWEEN $1 AND $2
       GROUP BY instance_id, database_name`,
      [month, monthEnd],
    ),
  );
  const stored = await median(3, async () => {
    await pool.query("DELETE FROM database_size_aggregations WHERE period_type = 'monthly' AND period_start = $1", [
      month,
    ]);
    await pool.query('INSERT INTO aggregation_backlog SELECT $1, $2, id FROM instances', ['monthly', month]);
    await pool.query('VACUUM ANALYZE database_size_aggregations');
    times.push(await once(() => aggregatePeriod(pool, periodOf('monthly', month), null, today)));
  }).then(() => times.sort((one, other) => one - other)[1]);
  times.length = 0;
  report.add('a month stored, all columns', stored, { limit: bare, limitName: 'bare aggregate', target: 4 });
  await pool.query('INSERT INTO aggregation_backlog SELECT $1, $2, id FROM instances', ['monthly', month]);
  report.add(
    'the same again, nothing changed',
    await once(() => aggregatePeriod(pool, periodOf('monthly', month), null, today)),
    {
      limit: bare,
      limitName: 'bare aggregate',
      target: 4,
    },
  );
  const sample = 5;
  const original = (await once(() => originalAggregation(pool, sample))) * (fleet.instances / sample);
  report.add('a month stored, all columns', stored, {
    limit: original,
    limitName: `the original's way, from ${sample} instances`,
    target: 50,
    atLeast: true,
    inverse: true,
  });
}

const times = [];

/** Rows of an instance fetched, grouped here, a SELECT, an UPDATE and a COMMIT per database, into a table like the original's. */
async function originalAggregation(pool, instances) {
  await pool.query('CREATE TABLE IF NOT EXISTS original_aggregations (LIKE database_size_aggregations INCLUDING ALL)');
  const client = await pool.connect();
  for (let instance = 1; instance <= instances; instance += 1) {
    const { rows } = await client.query(
      'SELECT * FROM database_size_stats WHERE instance_id = $1 AND collected_date >= $2 AND collected_date <= $3',
      [instance, month, monthEnd],
    );
    const groups = new Map();
    for (const row of rows) groups.set(row.database_name, [...(groups.get(row.database_name) ?? []), row]);
    for (const [name, group] of groups) {
      const sizes = group.map((row) => row.size_bytes);
      await client.query('BEGIN');
      await client.query(
        "SELECT * FROM original_aggregations WHERE instance_id = $1 AND database_name = $2 AND period_type = 'monthly' AND period_start = $3",
        [instance, name, month],
      );
      await client.query(
        `INSERT INTO original_aggregations (instance_id, database_name, period_type, period_start, period_end, is_complete,
           data_count, size_sum_bytes, max_size_bytes, min_size_bytes, first_size_bytes, last_size_bytes, first_date, last_date,
           data_bytes_count, log_bytes_count)
         VALUES ($1, $2, 'monthly', $3, $4, true, $5, $6, $7, $8, 0, 0, $3, $4, 0, 0)`,
        [
          instance,
          name,
          month,
          monthEnd,
          sizes.length,
          sizes.reduce((sum, size) => sum + size, 0),
          Math.max(...sizes),
          Math.min(...sizes),
        ],
      );
      await client.query('COMMIT');
    }
  }
  client.release();
}

async function measureReads({ large: pool, report, fleet }) {
  console.error('reads');
  const first = addDays(today, 1 - fleet.days);
  const historyQuery = `SELECT database_name, collected_date, collected_at, size_bytes, data_bytes, log_bytes, method
    FROM database_size_stats WHERE instance_id = $1 AND collected_date BETWEEN $2 AND $3 ORDER BY database_name, collected_date`;
  const bareHistory = await median(9, () => pool.query(historyQuery, [7, first, today]));
  report.add(
    'history of an instance, all days, read',
    await median(9, () => readHistory(pool, { instanceId: 7, startDate: first, endDate: today, databaseName: null })),
    {
      limit: bareHistory,
      limitName: 'the bare query',
    },
  );
  await overHttp(pool, async (get) => {
    const path = `/api/v1/instances/7/database-sizes?start_date=${first}&end_date=${today}`;
    await get(path);
    report.add('the same over HTTP', await median(9, () => get(path)), {
      limit: bareHistory,
      limitName: 'the bare query',
      target: 1.5,
    });
    const trends = '/api/v1/instances/7/database-sizes/trends?period_type=monthly';
    const bareTrends = await median(9, () =>
      pool.query("SELECT * FROM database_size_aggregations WHERE instance_id = $1 AND period_type = 'monthly'", [7]),
    );
    report.add('trends of an instance over HTTP', await median(9, () => get(trends)), {
      limit: bareTrends,
      limitName: 'its stored rows, bare',
    });
  });
  await plan(report, pool, 'history of an instance, 30 days', historyQuery, [7, addDays(today, -29), today]);

  const bareLatest = await median(5, () =>
    pool.query(
      'SELECT instance_id, database_name, collected_at, method, size_bytes, log_bytes, index_bytes, temp_bytes FROM database_latest',
    ),
  );
  report.add('latest state of the fleet', await median(5, () => readLatest(pool)), {
    limit: bareLatest,
    limitName: 'bare read of as many rows',
    target: 1.3,
  });

  const past = addDays(today, -30);
  const twoPoints = await median(5, () =>
    pool.query(
      `SELECT now.instance_id, now.database_name, now.size_bytes - past.size_bytes AS change
       FROM database_size_stats AS now JOIN database_size_stats AS past USING (instance_id, database_name)
       WHERE now.collected_date = $1 AND past.collected_date = $2 ORDER BY change DESC LIMIT 10`,
      [today, past],
    ),
  );
  const growthOf = (groupBy, days) => () =>
    readGrowth(pool, {
      today,
      days,
      groupBy,
      labelKey: groupBy === 'label' ? 'environment' : null,
      instanceId: null,
      databaseName: null,
      order: 'growth',
      limit: 10,
      offset: 0,
    });
  report.add('top 10 growers over 30 days', await median(5, growthOf('database', 30)), {
    limit: twoPoints,
    limitName: 'two-point query',
    target: 1.3,
  });
  for (const group of ['instance', 'owner', 'label', 'fleet']) {
    report.add(`growth by ${group} over 30 days`, await median(3, growthOf(group, 30)), {
      limit: twoPoints,
      limitName: 'two-point query',
    });
  }

  const scan = await once(() =>
    pool.query(
      'SELECT collected_date, sum(size_bytes) FROM database_size_stats WHERE collected_date BETWEEN $1 AND $2 GROUP BY 1',
      [first, today],
    ),
  );
  report.add(
    'fleet total per day, all days',
    await median(5, () =>
      readDailyTotals(pool, { startDate: first, endDate: today, instanceId: null, groupBy: 'fleet', labelKey: null }),
    ),
    {
      limit: scan,
      limitName: 'scan of the history',
      target: 20,
      atLeast: true,
      inverse: true,
    },
  );
  report.add(
    'statistics of an instance, all months',
    await median(9, () =>
      readPeriodStatistics(pool, { instanceId: 7, startDate: null, endDate: null, databaseName: null }, 'monthly'),
    ),
  );
}

/** The same questions with a tenth of the history. */
async function measureScale({ large, short, report }) {
  const questions = {
    'an instance, 30 days': (pool) =>
      readHistory(pool, { instanceId: 7, startDate: addDays(today, -29), endDate: today, databaseName: null }),
    'a database, 30 days': (pool) =>
      readHistory(pool, { instanceId: 7, startDate: addDays(today, -29), endDate: today, databaseName: 'database_5' }),
    'the fleet, one day': (pool) =>
      pool.query('SELECT instance_id, sum(size_bytes) FROM database_size_stats WHERE collected_date = $1 GROUP BY 1', [
        today,
      ]),
  };
  for (const [what, ask] of Object.entries(questions)) {
    const [few, many] = [[], []];
    for (let time = 0; time < 15; time += 1) {
      few.push(await once(() => ask(short)));
      many.push(await once(() => ask(large)));
    }
    const middle = (list) => list.sort((one, other) => one - other)[7];
    report.add(`with all of the history: ${what}`, middle(many), {
      limit: middle(few),
      limitName: 'a shorter history',
      target: 1.2,
    });
  }
}

async function measureWrites({ large: pool, report, fleet, folder }) {
  console.error('writes');
  const rows = fleet.instances * fleet.databases;
  // Far enough apart that each way writes into days of its own of the same, empty month.
  const day = (number) => addDays('2027-02-01', number);
  const file = join(folder, 'postgresql', 'bench.copy');
  const columns = 'instance_id, database_name, collected_date, collected_at, size_bytes, data_bytes, log_bytes, method';
  await pool.query(
    `COPY (SELECT instance_id, database_name, DATE '${day(0)}', collected_at, size_bytes, data_bytes, log_bytes, method
     FROM database_size_stats WHERE collected_date = '${today}' ORDER BY instance_id, database_name) TO '${file}'`,
  );
  const copies = [];
  for (let time = 0; time < 3; time += 1) {
    copies.push(await once(() => pool.query(`COPY database_size_stats (${columns}) FROM '${file}'`)));
    await pool.query(`DELETE FROM database_size_stats WHERE collected_date = '${day(0)}'`);
    await pool.query('VACUUM database_size_stats_2027_02');
  }
  const copy = copies.sort((one, other) => one - other)[1];
  report.add(`COPY of ${rows} rows (the limit)`, copy);
  const measured = (instanceId, collectedDate) =>
    Array.from({ length: fleet.databases }, (_, number) => ({
      instanceId,
      collectedDate,
      collectedAt: new Date(`${collectedDate}T03:00:00Z`),
      databaseName: `database_${number + 1}`,
      sizeBytes: 1e9 + instanceId * number,
      dataBytes: 9e8,
      logBytes: 1e8,
      indexBytes: null,
      tempBytes: null,
      usedBytes: null,
      limitBytes: null,
      method: 'exact',
    }));
  const share = (what, milliseconds, target) =>
    report.add(what, milliseconds, { limit: copy, limitName: 'COPY', target, atLeast: true, inverse: true });
  const ways = { collector: [], bulk: [] };
  for (let time = 0; time < 3; time += 1) {
    ways.collector.push(await once(() => collect(pool, fleet, day(1 + time), measured)));
    const all = Array.from({ length: fleet.instances }, (_, number) => measured(number + 1, day(10 + time))).flat();
    ways.bulk.push(await once(() => importMeasurements(pool, all)));
  }
  const middle = (list) => list.sort((one, other) => one - other)[1];
  share(
    'collector: an atomic statement per instance, 8 connections; history, latest, changes',
    middle(ways.collector),
    0.3,
  );
  share('bulk: 5 000 rows a statement, 4 connections; history, latest, changes', middle(ways.bulk), 0.45);
  share('collector, a second run on the same day', await once(() => collect(pool, fleet, day(3), measured)));
  const single = Math.min(rows, 1000);
  const client = await pool.connect();
  const rowByRow =
    (await once(async () => {
      for (const row of Array.from({ length: single / fleet.databases }, (_, number) =>
        measured(number + 1, day(20)),
      ).flat()) {
        await client.query(`INSERT INTO database_size_stats (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, [
          row.instanceId,
          row.databaseName,
          row.collectedDate,
          row.collectedAt,
          row.sizeBytes,
          row.dataBytes,
          row.logBytes,
          row.method,
        ]);
      }
    })) *
    (rows / single);
  client.release();
  report.add('collector', middle(ways.collector), {
    limit: rowByRow,
    limitName: `row by row, from ${single}`,
    target: 30,
    atLeast: true,
    inverse: true,
  });
}

async function collect(pool, fleet, collectedDate, measured) {
  let next = 1;
  const worker = async () => {
    for (let id = next++; id <= fleet.instances; id = next++) {
      await saveMeasurements(pool, [
        {
          instanceId: id,
          collectedDate,
          collectedAt: new Date(`${collectedDate}T03:00:00Z`),
          databases: measured(id, collectedDate),
          unmeasured: [],
        },
      ]);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

async function measureDrop({ large: pool, report, fleet }) {
  console.error('dropping a month');
  await aggregate(pool, today);
  // Two full months of the same size: one by the retention, one by DELETE.
  const oldest = addDays(today, 1 - fleet.days);
  const droppedTo = periodOf('monthly', oldest, 2).start;
  const retention = { days: Math.round((Date.parse(today) - Date.parse(droppedTo)) / 86_400_000), months: 0 };
  const started = await once(async () => {
    const { dropped } = await applyRetention(pool, today, retention);
    if (dropped.length !== 2) throw new Error(`${dropped.length} partitions dropped, expected 2`);
  });
  report.add('retention: two months found, counted, dropped', started);
  const name = (offset) =>
    `database_size_stats_${periodOf('monthly', oldest, offset).start.slice(0, 7).replace('-', '_')}`;
  const detach = await once(async () => {
    await pool.query(
      `BEGIN; ALTER TABLE database_size_stats DETACH PARTITION ${name(2)}; DROP TABLE ${name(2)}; COMMIT`,
    );
  });
  const { start, end } = periodOf('monthly', oldest, 3);
  const del = await once(() =>
    pool.query('DELETE FROM database_size_stats WHERE collected_date BETWEEN $1 AND $2', [start, end]),
  );
  // DELETE alone frees nothing.
  const vacuum = await once(() => pool.query(`VACUUM ${name(3)}`));
  report.add('DETACH and DROP of a month', detach, {
    limit: del + vacuum,
    limitName: 'DELETE of a month and VACUUM',
    atLeast: true,
    inverse: true,
  });
  report.add('DETACH and DROP of a month: the parent is locked', detach, {
    limit: del,
    limitName: 'DELETE of a month',
    target: 50,
    atLeast: true,
    inverse: true,
  });
}

async function overHttp(pool, work) {
  const app = createApp({ pool, metrics: createMetrics(pool), timezone: 'UTC', log: createLogger('silent') });
  const server = createServer(app).listen(0, '127.0.0.1');
  await onceEvent(server, 'listening');
  const { port } = server.address();
  const get = (path) =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, headers: { 'accept-encoding': 'gzip' } }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`));
        let bytes = 0;
        response.on('data', (chunk) => (bytes += chunk.length));
        response.on('end', () => resolve(bytes));
      })
        .on('error', reject)
        .end();
    });
  try {
    await work(get);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function plan(report, pool, what, statement, parameters) {
  const { rows } = await pool.query(`EXPLAIN (COSTS OFF, ANALYZE, TIMING OFF, SUMMARY ON) ${statement}`, parameters);
  report.plan(
    what,
    rows.map((row) => row['QUERY PLAN']),
  );
}
