import { z } from 'zod';
import { bytes, calendarDay, count, identifier, moment } from './schemas.ts';

const partitionName = z.string().meta({ example: 'database_size_stats_2026_11' });
const firstDay = calendarDay.meta({ description: 'The first day in it.', example: '2026-11-01' });
const dayAfter = calendarDay.meta({ description: 'The first day after it.', example: '2026-12-01' });
const rows = count.meta({ example: 1_500_000 });

/** A month of a partitioned table, and what the retention does with it. */
export const partition = z
  .object({
    name: partitionName,
    table: z.enum(['database_size_stats', 'storage_stats']),
    from_date: firstDay.nullable().meta({ description: 'The first day in it; null of a default partition.' }),
    to_date: dayAfter.nullable().meta({ description: 'The first day after it; null of a default partition.' }),
    row_count: rows.meta({ description: 'Of large partitions as the statistics of the server say.' }),
    size_bytes: bytes.meta({ description: 'bytes, with indexes' }),
    state: z.enum(['default', 'coming', 'current', 'kept', 'newest', 'waits_for_aggregation', 'past_retention']).meta({
      description:
        'default: rows of days that have no partition, which the next maintenance moves; one that is empty is not listed. newest, waits_for_aggregation: past the retention, and kept as the newest month with rows, or until its statistics are computed. past_retention: the next clean-up drops it.',
      example: 'current',
    }),
    next: z
      .enum(['kept', 'dropped_on'])
      .meta({ description: 'Whether the day is known on which it is dropped.', example: 'dropped_on' }),
    drop_date: calendarDay
      .nullable()
      .meta({ description: 'The first day on which the retention lets it go.', example: '2027-12-01' }),
  })
  .meta({ id: 'Partition' });

/** The PostgreSQL database that the history is kept in. */
export const repository = z
  .object({
    server_version: z.string().meta({ description: 'Of PostgreSQL.', example: '16.4' }),
    schema_version: identifier.meta({ description: 'The number of the last migration.', example: 10 }),
    size_bytes: bytes,
    tables: z
      .array(
        z.object({
          name: z.string().meta({ example: 'database_size_stats' }),
          row_count: rows.meta({ description: 'Of large tables as the statistics of the server say.' }),
          size_bytes: bytes.meta({ description: 'bytes, with indexes and partitions' }),
        }),
      )
      .meta({ description: 'The largest first.' }),
    dropped: z
      .array(
        z.object({
          name: partitionName,
          from_date: firstDay,
          to_date: dayAfter,
          row_count: rows,
          freed_bytes: bytes,
          dropped_at: moment,
        }),
      )
      .meta({ description: 'Partitions that the retention removed, the last first.' }),
  })
  .meta({ id: 'Repository' });
