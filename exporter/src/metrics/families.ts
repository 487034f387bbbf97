import type { ErrorCount, CollectionState } from '../store/records.ts';
import type { WatchedInstance } from '../store/instances.ts';
import type { JobState } from '../store/job-runs.ts';
import type { LatestRow } from '../store/measurements.ts';
import type { LatestStorageRow } from '../store/storage.ts';
import { sizesByType } from './sizes.ts';

/** One metric of the fleet: what it is called, what it means, and how its samples come from a row of the state. */
export interface Family<Row> {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  /** After those that name the row itself: its instance, its database, its job. */
  readonly labelNames: readonly string[];
  /** Values of these labels, in their order, each with its sample; null: not known, and so no sample. */
  readonly samples: (row: Row) => readonly (readonly [labels: readonly string[], value: number | null])[];
}

/** Labels of every sample of a database, of an instance, of a job. */
export const rowLabels = {
  database: ['db_instance', 'engine', 'database'],
  instance: ['db_instance', 'engine'],
  job: ['job'],
} as const;

/** What is known of an instance. */
export interface InstanceState {
  readonly instance: WatchedInstance;
  /** Null before the first attempt. */
  readonly collection: CollectionState | null;
  readonly errors: readonly ErrorCount[];
  readonly storage: readonly LatestStorageRow[];
}

/** What is known of a database that is there. */
export interface DatabaseState extends LatestRow {
  /** Of its own log, where it has one. */
  readonly logUsedBytes: number | null;
  readonly logLimitBytes: number | null;
  /** Over each of `growthWindows`. */
  readonly growthBytes: readonly (number | null)[];
  /** When its limit is reached, if it goes on as it did. */
  readonly fullAt: Date | null;
}

function gauge<Row>(name: string, help: string, value: (row: Row) => number | null): Family<Row> {
  return { name, help, type: 'gauge', labelNames: [], samples: (row) => [[[], value(row)]] };
}

/** Seconds since 1970. */
function seconds(moment: Date | null | undefined): number | null {
  return moment == null ? null : moment.getTime() / 1000;
}

/** The windows of growth in days, and how they are called. */
export const growthWindows: readonly (readonly [days: number, name: string])[] = [
  [7, '7d'],
  [30, '30d'],
  [90, '90d'],
];

/** One entry for each metric of a database. All of its samples are there for every database, with a value or without. */
export const databaseFamilies: readonly Family<DatabaseState>[] = [
  {
    name: 'tidemark_database_size_bytes',
    help: 'Allocated size of a database by kind; the sum over type is its total.',
    type: 'gauge',
    labelNames: ['type'],
    samples: (row) => sizesByType(row).map(([type, bytes]) => [[type], bytes]),
  },
  {
    name: 'tidemark_database_used_bytes',
    help: 'Used within the allocated size, where the engine can say. What is not known to be log counts as data.',
    type: 'gauge',
    labelNames: ['type'],
    samples: ({ usedBytes, logUsedBytes }) => [
      [['data'], usedBytes === null ? null : Math.max(0, usedBytes - (logUsedBytes ?? 0))],
      [['log'], logUsedBytes],
    ],
  },
  gauge(
    'tidemark_database_limit_bytes',
    'The size at which the database stops growing: file limits, tablespaces, volumes. Absent where it is not known.',
    (row) => row.limitBytes,
  ),
  gauge(
    'tidemark_database_log_limit_bytes',
    'The size at which the log of the database itself stops growing. Absent where it is not known.',
    (row) => row.logLimitBytes,
  ),
  {
    name: 'tidemark_database_growth_bytes',
    help: 'Change of the size over the window. Absent where nothing was measured so long ago.',
    type: 'gauge',
    labelNames: ['window'],
    samples: (row) => growthWindows.map(([, name], index) => [[name], row.growthBytes[index] ?? null]),
  },
  gauge(
    'tidemark_database_full_timestamp_seconds',
    'When the limit is reached if growth goes on. Absent where there is no limit, or no growth beyond doubt.',
    (row) => seconds(row.fullAt),
  ),
];

/** One entry for each metric of an instance. */
export const instanceFamilies: readonly Family<InstanceState>[] = [
  {
    name: 'tidemark_instance_info',
    help: 'What is known of a watched instance besides its sizes; always 1.',
    type: 'gauge',
    labelNames: ['version', 'owner', 'environment'],
    samples: ({ instance: { serverVersion, owner, environment } }) => [
      [[serverVersion ?? '', owner ?? '', environment ?? ''], 1],
    ],
  },
  gauge('tidemark_instance_added_timestamp_seconds', 'Since when the instance is watched.', ({ instance }) =>
    seconds(instance.createdAt),
  ),
  gauge(
    'tidemark_collection_success',
    'Whether the last attempt to measure the instance stored anything: 1 or 0.',
    ({ collection }) => (collection === null ? null : Number(collection.succeeded)),
  ),
  gauge(
    'tidemark_collection_last_success_timestamp_seconds',
    'When the instance was last measured; the measurements are as old as this.',
    ({ collection }) => seconds(collection?.lastSuccessAt),
  ),
  gauge(
    'tidemark_collection_duration_seconds',
    'How long the last attempt to measure the instance took.',
    ({ collection }) => collection?.durationSeconds ?? null,
  ),
  {
    name: 'tidemark_instance_log_size_bytes',
    help: 'Size of a log of the whole instance: its write-ahead log, binary logs or redo logs.',
    type: 'gauge',
    labelNames: ['kind'],
    samples: ({ storage }) => of(storage, 'log').map((log) => [[log.name], log.allocatedBytes]),
  },
  storageFamily('tablespace', 'size', 'Allocated size of a tablespace.', (row) => row.allocatedBytes),
  storageFamily('tablespace', 'used', 'Used within a tablespace, where the engine can say.', (row) => row.usedBytes),
  storageFamily('tablespace', 'limit', 'The size at which a tablespace stops growing.', (row) => row.limitBytes),
  storageFamily('volume', 'size', 'Size of a volume that files of the instance lie on.', (row) => row.limitBytes),
  storageFamily('volume', 'free', 'Free space on a volume that files of the instance lie on.', (row) => row.freeBytes),
];

/** Counters are kept by the repository: they are the same from all exporters, and outlive them. */
export const instanceCounters: readonly Family<InstanceState>[] = [
  {
    name: 'tidemark_collection_errors_total',
    help: 'Databases, or whole instances, that could not be measured, since the instance was added. Reasons are error codes.',
    type: 'counter',
    labelNames: ['reason'],
    samples: ({ errors }) => errors.map(({ reason, errors: count }) => [[reason], count]),
  },
];

export const jobFamilies: readonly Family<JobState>[] = [
  gauge('tidemark_job_last_run_timestamp_seconds', 'When the scheduled job last began.', (job) =>
    seconds(job.lastRunAt),
  ),
  gauge('tidemark_job_last_success_timestamp_seconds', 'When the scheduled job last ended well.', (job) =>
    seconds(job.lastSuccessAt),
  ),
  gauge(
    'tidemark_job_duration_seconds',
    'How long the last run of the scheduled job took.',
    (job) => job.durationSeconds,
  ),
];

function storageFamily(
  scope: 'tablespace' | 'volume',
  what: string,
  help: string,
  value: (row: LatestStorageRow) => number | null,
): Family<InstanceState> {
  return {
    name: `tidemark_${scope}_${what}_bytes`,
    help,
    type: 'gauge',
    labelNames: [scope],
    samples: ({ storage }) => of(storage, scope).map((row) => [[row.name], value(row)]),
  };
}

function of(storage: readonly LatestStorageRow[], scope: LatestStorageRow['scope']): LatestStorageRow[] {
  return storage.filter((row) => row.scope === scope);
}
