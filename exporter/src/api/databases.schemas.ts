import { z } from 'zod';
import { bytes, calendarDay, growthOver, identifier, moment, sparkline } from './schemas.ts';

/** The last measurement of a database, and how it got there. */
export const database = z
  .object({
    instance_id: identifier,
    instance_name: z.string().meta({ example: 'orders-pg' }),
    engine: z.string().meta({ example: 'postgresql' }),
    owner: z.string().nullable().meta({ example: 'team-orders' }),
    database_name: z.string().meta({ example: 'shop' }),
    size_bytes: bytes,
    data_bytes: bytes.nullable(),
    log_bytes: bytes.nullable(),
    index_bytes: bytes.nullable(),
    temp_bytes: bytes.nullable(),
    used_bytes: bytes.nullable(),
    limit_bytes: bytes.nullable().meta({ description: 'bytes at which it can grow no further' }),
    method: z.enum(['exact', 'estimate']),
    collected_at: moment,
    first_seen_date: calendarDay,
    gone_since: calendarDay
      .nullable()
      .meta({ description: 'The first day on which the server no longer listed it; null while it is there.' }),
    share: z.number().min(0).max(1).nullable().meta({
      description: 'Of the total size of its instance; null when it is gone.',
      example: 0.25,
    }),
    growth: growthOver,
    sparkline: sparkline.nullable(),
  })
  .meta({ id: 'Database' });
