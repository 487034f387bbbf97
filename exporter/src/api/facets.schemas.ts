import { z } from 'zod';
import { count } from './schemas.ts';

/** What instances can be filtered by. */
export const facets = z
  .object({
    engines: z.array(z.object({ value: z.string().meta({ example: 'postgresql' }), instances: count })),
    owners: z.array(
      z.object({
        value: z.string().nullable().meta({ description: 'Null: instances without an owner.', example: 'team-orders' }),
        instances: count,
      }),
    ),
    labels: z.record(z.string(), z.array(z.string())).meta({
      description: 'The values of every key.',
      example: { environment: ['production', 'test'] },
    }),
  })
  .meta({ id: 'Facets' });
