import { z } from 'zod';
import { calendarDay, identifier } from './schemas.ts';

/** One line of a chart, one array a column: a third of the bytes of one object a day. */
export const series = z
  .object({
    group: z.string().nullable().meta({
      description: 'The name of the group; null where it has none: the fleet, no owner, no such label, all others.',
      example: 'team-orders',
    }),
    instance_id: identifier.nullable(),
    instance_name: z.string().nullable(),
    database_name: z.string().nullable(),
    other: z.boolean().meta({ description: 'The sum of all groups beyond the largest ones.' }),
    t: z.array(calendarDay).meta({ description: 'The days, oldest first.' }),
    values: z
      .array(z.int().min(0).nullable())
      .meta({ description: 'Bytes, or a number of databases; null where it is not known.' }),
  })
  .meta({ id: 'Series' });
