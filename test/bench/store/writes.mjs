// A day of the fleet is written, against COPY and against one database after the other.
import { join } from 'node:path';
import { importMeasurements } from '../../../exporter/dist/store/import.js';
import { saveMeasurements } from '../../../exporter/dist/store/measurements.js';
import { addDays } from '../../../exporter/dist/store/periods.js';
import { middle, once } from '../report.mjs';
import { today } from './fleet.mjs';

export async function measureWrites({ large: pool, report, fleet, folder }) {
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
  const copy = middle(copies);
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
      await saveMeasurements(pool, {
        instanceId: id,
        collectedDate,
        collectedAt: new Date(`${collectedDate}T03:00:00Z`),
        databases: measured(id, collectedDate),
        unmeasured: [],
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}
