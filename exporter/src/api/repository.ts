import { dayIn } from '../store/periods.ts';
import { describeRepository } from '../store/repository-size.ts';
import { listPartitions, type Partition } from '../store/retention.ts';
import { partition, repository } from './repository.schemas.ts';
import { defineRoute, type Route } from './route.ts';
import { data, table, type AnswerOf } from './routing/response.ts';

/** Where the history is kept: `/partitions`, `/repository` */
export const repositoryRoutes: readonly Route[] = [
  defineRoute('GET /partitions', {
    tag: 'Service',
    summary: 'The months of the history, how large they are, and when the retention drops them',
    response: table(partition),
    example: {},
    handler: async ({ context: { pool, settings, timezone } }) => {
      await settings.refresh();
      const { retention } = settings.config;
      const found = await listPartitions(pool, dayIn(timezone, new Date()), retention, { mayEstimate: true });
      // Default partitions are there for emergencies: they are news when they hold something.
      return found.filter(({ state, rows }) => state !== 'default' || rows > 0).map(describePartition);
    },
  }),

  defineRoute('GET /repository', {
    tag: 'Service',
    summary: 'The database that the history is kept in: version, size, tables, and what the retention removed',
    response: data(repository),
    example: {},
    handler: async ({ context: { pool } }) => {
      const { serverVersion, schemaVersion, sizeBytes, tables, dropped } = await describeRepository(pool);
      return {
        server_version: serverVersion,
        schema_version: schemaVersion,
        size_bytes: sizeBytes,
        tables: tables.map(({ name, rows, bytes }) => ({ name, row_count: rows, size_bytes: bytes })),
        dropped: dropped.map((month) => ({
          name: month.name,
          from_date: month.fromDate,
          to_date: month.toDate,
          row_count: month.rows,
          freed_bytes: month.freedBytes,
          dropped_at: month.droppedAt,
        })),
      };
    },
  }),
];

function describePartition(found: Partition): AnswerOf<typeof partition> {
  const { state, droppedFrom } = found;
  // What keeps these is not a matter of days.
  const isKept = state === 'default' || state === 'newest' || state === 'waits for aggregation';
  return {
    name: found.name,
    table: found.table,
    from_date: found.from,
    to_date: found.to,
    row_count: found.rows,
    size_bytes: found.bytes,
    state: states[state],
    next: isKept ? 'kept' : 'dropped_on',
    drop_date: isKept ? null : droppedFrom,
  };
}

const states = {
  default: 'default',
  coming: 'coming',
  current: 'current',
  kept: 'kept',
  newest: 'newest',
  'waits for aggregation': 'waits_for_aggregation',
  'past retention': 'past_retention',
} as const satisfies Record<Partition['state'], AnswerOf<typeof partition>['state']>;
