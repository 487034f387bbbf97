// A day of the fleet is written, against COPY and against one database after the other.
import { join } from 'node:path';
import { importMeasurements } from '../../../exporter/dist/store/import.js';
import { saveMeasurements } from '../../../exporter/dist/store/measurements.js';
import { addDays } from '../../../exporter/dist/store/periods.js';
import { middle, once } from '../report.mjs';
import { today } from './fleet.mjs';

const columns = 'instance_id, database_name, collected_date, collected_at, size_bytes, data_bytes, log_bytes, method';

export async function measureWrites({ large: pool, report, fleet, folder }) {
  const rows = fleet.instances * fleet.databases;
  // Far enough apart that each way writes into days of its own of the same, empty month.
  const day = (number) => addDays('2027-02-01', number);
  const file = join(folder, 'postgresql', 'bench.copy');
  await pool.query(
    `COPY (SELECT instance_id, database_name, DATE '${day(0)}', collected_at, size_bytes, data_bytes, log_bytes, method
     FROM database_size_stats WHERE collected_date = '${today}' ORDER BY instance_id, database_name) TO '${file}'`,
  );
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
  const ways = {
    'collector: 32 instances a statement, as its writer sends them, 8 connections': (date) =>
      collect(pool, fleet, date, measured, 8, 32),
    'collector: the same, 1 connection': (date) => collect(pool, fleet, date, measured, 1, 32),
    'collector: one instance a statement, 8 connections': (date) => collect(pool, fleet, date, measured, 8, 1),
    'bulk: 5 000 rows a statement, 4 connections': (date, rowsOfDay) => importMeasurements(pool, rowsOfDay),
  };
  const targets = [0.3, undefined, undefined, 0.45];
  const times = Object.keys(ways).map(() => []);
  const copies = [];
  let next = 1;
  // In turns, so that what else the machine does concerns all of them.
  for (let time = 0; time < 5; time += 1) {
    copies.push(await once(() => pool.query(`COPY database_size_stats (${columns}) FROM '${file}'`)));
    await pool.query(`DELETE FROM database_size_stats WHERE collected_date = '${day(0)}'`);
    await pool.query('VACUUM database_size_stats_2027_02');
    for (const [index, way] of Object.values(ways).entries()) {
      const date = day(next++);
      const rowsOfDay = Array.from({ length: fleet.instances }, (_, number) => measured(number + 1, date)).flat();
      times[index].push(await once(() => way(date, rowsOfDay)));
    }
  }
  const copy = middle(copies);
  report.add(`COPY of ${rows} rows (the limit)`, copy);
  const share = (what, milliseconds, target) =>
    report.add(what, milliseconds, { limit: copy, limitName: 'COPY', target, atLeast: true, inverse: true });
  Object.keys(ways).forEach((name, index) =>
    share(`${name}; history, latest, changes`, middle(times[index]), targets[index]),
  );
  const [[, collector]] = Object.entries(ways);
  share('collector, a second run on the same day', await once(() => collector(day(1))));
  const single = Math.min(rows, 1000);
  const rowByRow =
    (await once(() =>
      writeRowByRow(
        pool,
        Array.from({ length: single / fleet.databases }, (_, number) => measured(number + 1, day(27))).flat(),
      ),
    )) *
    (rows / single);
  for (const [index, name] of [
    [0, 'collector'],
    [3, 'bulk'],
  ]) {
    report.add(name, middle(times[index]), {
      limit: rowByRow,
      limitName: `the same row by row, from ${single}`,
      target: 30,
      atLeast: true,
      inverse: true,
    });
  }
}

/** History and latest state of one database after the other, each with a commit. */
async function writeRowByRow(pool, rows) {
  const client = await pool.connect();
  for (const row of rows) {
    await client.query(
      `WITH history AS (
         INSERT INTO database_size_stats (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (instance_id, database_name, collected_date) DO UPDATE
         SET collected_at = excluded.collected_at, size_bytes = excluded.size_bytes, data_bytes = excluded.data_bytes,
           log_bytes = excluded.log_bytes, method = excluded.method
       )
       INSERT INTO database_latest (${columns}, first_seen_date) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $3)
       ON CONFLICT (instance_id, database_name) DO UPDATE
       SET collected_date = excluded.collected_date, collected_at = excluded.collected_at, size_bytes = excluded.size_bytes,
         data_bytes = excluded.data_bytes, log_bytes = excluded.log_bytes, method = excluded.method`,
      [
        ...[row.instanceId, row.databaseName, row.collectedDate, row.collectedAt, row.sizeBytes, row.dataBytes],
        ...[row.logBytes, row.method],
      ],
    );
  }
  client.release();
}

/** A day of the whole fleet: so many connections at a time, so many instances a statement. */
async function collect(pool, fleet, collectedDate, measured, connections, instances) {
  let next = 1;
  const worker = async () => {
    while (next <= fleet.instances) {
      const first = next;
      next += instances;
      const ids = Array.from(
        { length: Math.min(instances, fleet.instances - first + 1) },
        (_, number) => first + number,
      );
      await saveMeasurements(
        pool,
        ids.map((id) => ({
          instanceId: id,
          collectedDate,
          collectedAt: new Date(`${collectedDate}T03:00:00Z`),
          databases: measured(id, collectedDate),
          unmeasured: [],
        })),
      );
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
}
