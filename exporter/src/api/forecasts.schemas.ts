import { z } from 'zod';
import { bytes, calendarDay, changeBytes, count, identifier } from './schemas.ts';

const forecastFields = {
  database_name: z.string().meta({ example: 'shop' }),
  from_date: calendarDay.meta({ description: 'The first day that it rests on.', example: '2026-08-23' }),
  to_date: calendarDay.meta({ description: 'The last day that it rests on: predicted is what comes after.' }),
  points: count.meta({ description: 'How many sizes it rests on, one a week.', example: 14 }),
  change_bytes_per_day: changeBytes.meta({ description: 'bytes a day', example: 10_485_760 }),
  r_squared: z
    .number()
    .min(0)
    .max(1)
    .meta({ description: 'How well a straight line describes the history, 0 to 1.', example: 0.97 }),
  size_bytes: bytes,
  limit_bytes: bytes.nullable().meta({ description: 'bytes at which it can grow no further' }),
  full_at: calendarDay.nullable().meta({
    description:
      'The day on which the limit is reached; null where there is no limit, where it does not grow beyond doubt, or where it takes more than ten years.',
    example: '2027-03-01',
  }),
};

/** Where a database is going, with the sizes to come. */
export const predictedForecast = z
  .object({
    ...forecastFields,
    predicted: z
      .object({
        t: z.array(calendarDay.meta({ example: '2026-11-27' })),
        size_bytes: z.array(bytes),
        low_bytes: z.array(bytes).meta({ description: 'It is at least this with 95 % probability.' }),
        high_bytes: z.array(bytes).meta({ description: 'It is at most this with 95 % probability.' }),
      })
      .meta({ description: 'One size a week, one array a column.' }),
  })
  .meta({ id: 'PredictedForecast' });

/** Where a database of the fleet is going. */
export const fleetForecast = z
  .object({
    instance_id: identifier,
    instance_name: z.string().meta({ example: 'orders-pg' }),
    engine: z.string().meta({ example: 'postgresql' }),
    owner: z.string().nullable().meta({ example: 'team-orders' }),
    ...forecastFields,
  })
  .meta({ id: 'FleetForecast' });
