import { z } from 'zod';
import { bytes, calendarDay, changeBytes, count, identifier, percent } from './schemas.ts';

/** How much a group grew between a day in the past and now. */
export const growth = z
  .object({
    group: z.string().nullable().meta({ description: 'Null where the group has no name.' }),
    instance_id: identifier.nullable(),
    instance_name: z.string().nullable(),
    database_name: z.string().nullable(),
    size_bytes: bytes,
    previous_size_bytes: bytes.nullable(),
    change_bytes: changeBytes.nullable(),
    growth_rate: percent.nullable(),
    database_count: count,
    new_bytes: bytes.meta({ description: 'bytes of databases that were not there then' }),
    new_count: count,
    vanished_bytes: bytes.meta({ description: 'bytes of databases that are gone by now' }),
    vanished_count: count,
    incomparable_bytes: bytes.meta({ description: 'bytes of databases that were not measured then' }),
  })
  .meta({ id: 'Growth' });

/** The totals of a group, one array a column. */
export const totalsSeries = z
  .object({
    group: z.string().nullable(),
    t: z.array(calendarDay),
    size_bytes: z.array(bytes),
    database_count: z.array(count),
    instance_count: z.array(count),
  })
  .meta({ id: 'DailyTotals' });

/** Something that happened to a database. */
export const change = z
  .object({
    database_name: z.string(),
    kind: z.enum(['appeared', 'vanished', 'step_up', 'step_down']),
    date: calendarDay,
    before_bytes: bytes.optional(),
    after_bytes: bytes.optional(),
    change_bytes: changeBytes.optional(),
    expected_bytes: bytes.optional(),
    score: z.number().nullable().optional().meta({ description: 'How unusual: in median deviations.' }),
  })
  .meta({ id: 'Change' });
