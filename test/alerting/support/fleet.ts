import type pg from 'pg';
import { aggregate } from '../../../exporter/src/statistics/aggregate.ts';
import type { StorageMeasurement } from '../../../exporter/src/engines/engine.ts';
import { importMeasurements, type ImportedMeasurement } from '../../../exporter/src/store/import.ts';
import { addDays, dayIn } from '../../../exporter/src/store/periods.ts';
import { saveStorage } from '../../../exporter/src/store/storage.ts';
import { addInstance } from '../../support/fleet-fixtures.ts';
import { measurement } from '../../support/history.ts';
import type { TestSeries } from '../../support/prometheus.ts';
import { finishInstance, openRun } from '../../support/session-fixtures.ts';

const gibibyte = 2 ** 30;
const today = dayIn('UTC', new Date());
const unknown = { allocatedBytes: null, usedBytes: null, limitBytes: null, freeBytes: null };
const well = { status: 'succeeded', databasesMeasured: 1, failures: [], warnings: [], error: null } as const;
const badly = { ...well, status: 'failed', error: { code: 'timeout', message: 'no answer' } } as const;

/** A fleet in which everything is wrong that an alert is about, as far as the repository knows it. */
export async function writeTroubledFleet(pool: pg.Pool): Promise<void> {
  const labels = { environment: 'production' };
  const orders = await addInstance(pool, 'orders', { owner: 'team-orders', labels });
  const ledger = await addInstance(pool, 'ledger', { engine: 'sqlserver', owner: 'team-ledger', labels });
  // More series than an exporter shows that is limited to a thousand.
  const many = await addInstance(pool, 'many');
  const broken = await addInstance(pool, 'broken');
  const late = await addInstance(pool, 'late');
  await addInstance(pool, 'untouched');

  await importMeasurements(pool, [
    ...history(orders, 'steady', (ago) => 50 - 0.1 * ago, { limitBytes: 500 * gibibyte }),
    ...history(orders, 'burst', (ago) => (ago > 4 ? 100 : 150)),
    ...history(orders, 'filling', (ago) => 200 - ago, { limitBytes: 201.5 * gibibyte }),
    ...history(orders, 'shrinking', (ago) => 20 + ago),
    ...history(ledger, 'books', () => 50, { dataBytes: 10 * gibibyte, logBytes: 40 * gibibyte }).slice(0, 2),
    ...Array.from({ length: 1000 }, (_, index) => measurement(many, `database-${index}`, today, index * 1000)),
    ...[broken, late].map((id) => measurement(id, 'shop', today, gibibyte)),
  ]);
  await aggregate(pool, today);
  await keep(pool, orders, [
    { ...unknown, scope: 'log', name: 'wal', allocatedBytes: 20 * gibibyte },
    { ...unknown, scope: 'volume', name: '/data', limitBytes: 1000 * gibibyte, freeBytes: 10 * gibibyte },
    {
      ...{ ...unknown, scope: 'tablespace', name: 'shop/DATA' },
      ...{ allocatedBytes: 99 * gibibyte, usedBytes: 98 * gibibyte, limitBytes: 100 * gibibyte },
    },
  ]);
  const log = { allocatedBytes: 40 * gibibyte, usedBytes: 38 * gibibyte, limitBytes: 40 * gibibyte, freeBytes: null };
  await keep(pool, ledger, [{ scope: 'log', name: 'books/log', ...log }]);

  const measured = [orders, ledger, many, broken, late];
  await openRun(pool, measured);
  for (const id of measured) await finishInstance(pool, id, well);
  await openRun(pool, [broken]);
  await finishInstance(pool, broken, badly);
  await pool.query(
    `UPDATE collection_records SET started_at = now() - interval '50 hours', finished_at = now() - interval '49 hours'
     WHERE instance_id = $1`,
    [late],
  );
  await pool.query("UPDATE instances SET created_at = now() - interval '10 days'");
  // Of these jobs only one has ended well since it was due.
  await pool.query(
    `INSERT INTO job_runs (job, due_at, started_at, finished_at, succeeded)
     VALUES ('collect', now(), now(), now(), true), ('aggregate', now(), now() - interval '2 days', now() - interval '2 days', true)`,
  );
}

/** A row in a month that has no partition: an exporter that starts makes one for it. */
export async function writeRowWithoutPartition(pool: pg.Pool): Promise<void> {
  await pool.query(
    `INSERT INTO database_size_stats (instance_id, database_name, collected_date, collected_at, size_bytes, method)
     SELECT id, 'steady', '1999-12-31', '1999-12-31T03:00:00Z', 1, 'exact' FROM instances WHERE name = 'orders'`,
  );
}

/** Of the last 100 days. @param sizeOf GiB so many days ago */
function history(
  id: number,
  name: string,
  sizeOf: (ago: number) => number,
  more: Partial<ImportedMeasurement> = {},
): ImportedMeasurement[] {
  return Array.from({ length: 101 }, (_, ago) => {
    const size = Math.round(sizeOf(ago) * gibibyte);
    const parts = { indexBytes: Math.round(size / 10), usedBytes: Math.round(size / 2), ...more };
    return { ...measurement(id, name, addDays(today, -ago), size), ...parts };
  });
}

/** Storage as of the measurements of today. */
async function keep(pool: pg.Pool, instanceId: number, storage: readonly StorageMeasurement[]): Promise<void> {
  const collectedAt = new Date(`${today}T03:00:00Z`);
  await saveStorage(pool, [{ instanceId, collectedDate: today, collectedAt, storage }]);
}

/** What the rules have recorded of this fleet in the two weeks before. */
export function recordedBefore(now: Date): TestSeries[] {
  const seconds = Math.floor(now.getTime() / 1000);
  const quarter = 6 * 3600;
  // The rules look at whole quarters of days.
  const last = Math.floor(seconds / quarter) * quarter;
  const labels = { db_instance: 'orders', engine: 'postgresql' };
  const quarters = (sizeOf: (daysAgo: number) => number): [number, number][] =>
    Array.from({ length: 56 }, (_, index) => {
      const ago = 55 - index;
      return [last - ago * quarter, Math.round(sizeOf(ago / 4) * gibibyte)];
    });
  return [
    {
      metric: 'volume:tidemark_volume_free_bytes:max',
      labels: { ...labels, volume: '/data' },
      samples: quarters((daysAgo) => 10 + 10 * daysAgo),
    },
    {
      metric: 'tablespace:tidemark_tablespace_used_bytes:max',
      labels: { ...labels, tablespace: 'shop/DATA' },
      samples: quarters((daysAgo) => 98 - daysAgo),
    },
    {
      metric: 'log:tidemark_instance_log_size_bytes:max',
      labels: { ...labels, kind: 'wal' },
      samples: quarters(() => 2),
    },
    {
      // A database that was there a day ago.
      metric: 'database:tidemark_database_size_bytes:sum',
      labels: { ...labels, database: 'vanished' },
      samples: Array.from({ length: 40 }, (_, index) => [seconds - 25 * 3600 + index * 300, 5 * gibibyte]),
    },
  ];
}
