import { z } from 'zod';
import { identifier, moment } from './schemas.ts';

/** A login that is kept in the repository; its secret is never shown. */
export const credential = z
  .object({
    id: identifier,
    name: z.string().meta({ example: 'fleet-monitor' }),
    username: z.string().meta({ example: 'tidemark' }),
    secret: z.enum(['stored', 'reference', 'none']).meta({
      description: 'stored: encrypted, here. reference: looked up on the exporter at each login.',
    }),
    reference: z.string().nullable().meta({ example: 'file:/run/secrets/monitor' }),
    dedicated: z.boolean().meta({ description: 'It came with an instance, is changed with it and goes with it.' }),
    instances: z.array(z.string()).meta({ description: 'Names of the instances that log in with it.' }),
    created_at: moment,
    updated_at: moment,
  })
  .meta({ id: 'Credential' });
