import { z } from 'zod';
import { calendarDay, changeBytes, identifier, moment } from './schemas.ts';

export const eventKind = z.enum(
  ['appeared', 'vanished', 'collection_failed', 'step_up', 'step_down'],
  'expected appeared, vanished, collection_failed, step_up or step_down',
);

/** Something that happened, for a mark on a chart. */
export const event = z
  .object({
    at: moment.meta({ description: 'When a collection failed; of a database the begin of the day, ISO 8601, UTC' }),
    date: calendarDay,
    kind: eventKind,
    instance_id: identifier,
    instance_name: z.string().meta({ example: 'orders-pg' }),
    database_name: z.string().nullable().meta({ description: 'Null: it happened to the instance.', example: 'shop' }),
    message: z.string().meta({ description: 'In words.', example: 'shop appeared' }),
    change_bytes: changeBytes.nullable().meta({ description: 'bytes that came or went, of vanished and of steps' }),
  })
  .meta({ id: 'Event' });
