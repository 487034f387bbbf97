import type pg from 'pg';
import type { DatabaseMeasurement } from '../../exporter/src/engines/engine.ts';
import { saveInstance, type InstanceDescription, type InstanceSource } from '../../exporter/src/store/instances.ts';
import { saveMeasurements } from '../../exporter/src/store/measurements.ts';
import { ensurePartitions } from '../../exporter/src/store/partitions.ts';

export const megabyte = 1_048_576;

/** An instance that nobody connects to. */
export function instanceDescription(changes: Partial<InstanceDescription> = {}): InstanceDescription {
  return {
    name: 'orders',
    engine: 'postgresql',
    host: 'orders.example.net',
    port: 5432,
    database: 'postgres',
    tls: { mode: 'prefer' },
    owner: null,
    labels: {},
    include: ['*'],
    exclude: [],
    estimateOnTimeout: false,
    quietHours: [],
    active: true,
    ...changes,
  };
}

/** @returns the id of the instance */
export async function addInstance(
  pool: pg.Pool,
  name: string,
  changes: Partial<InstanceDescription> = {},
  source: InstanceSource = 'user',
): Promise<number> {
  return saveInstance(pool, instanceDescription({ ...changes, name }), source);
}

/** A database of which nothing but the size is known, and whatever is given beside it. */
export function measurement(
  databaseName: string,
  sizeBytes: number,
  changes: Partial<DatabaseMeasurement> = {},
): DatabaseMeasurement {
  return {
    databaseName,
    sizeBytes,
    dataBytes: null,
    logBytes: null,
    indexBytes: null,
    tempBytes: null,
    usedBytes: null,
    limitBytes: null,
    method: 'exact',
    ...changes,
  };
}

/** Stores what a run at ten o'clock UTC of that day would. */
export async function addMeasurements(
  pool: pg.Pool,
  instanceId: number,
  day: string,
  databases: readonly DatabaseMeasurement[],
  options: { readonly time?: string; readonly unmeasured?: readonly string[] } = {},
): Promise<void> {
  await ensurePartitions(pool, day);
  await saveMeasurements(pool, [
    {
      instanceId,
      collectedDate: day,
      collectedAt: new Date(`${day}T${options.time ?? '10:00:00'}Z`),
      databases,
      unmeasured: options.unmeasured ?? [],
    },
  ]);
}

/** Names that break whatever does not treat them as names. */
export const hostileNames: readonly string[] = [
  "Robert'); DROP TABLE instances; --",
  'double"quote',
  'back\\slash',
  'comma,brace{}',
  'NULL',
  '{NULL}',
  '$1',
  '${PATH}',
  'new\nline',
  'carriage\rreturn',
  'tab\there',
  ' spaces around ',
  '.',
  '..',
  './a',
  'a/b',
  '/',
  '*',
  '!important',
  '%_',
  '=1+1',
  '@SUM(A1)',
  '<script>alert(1)</script>',
  '日本語',
  'مرحبا',
  'Ünïcödé',
  'e\u0301',
  '\u00e9',
  '👩‍💻',
  '\u202eright to left',
  '__proto__',
  'constructor',
  'x'.repeat(128),
  '字'.repeat(128),
];
