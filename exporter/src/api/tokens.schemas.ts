import { z } from 'zod';
import { identifier, moment } from './schemas.ts';

/** A token, without what it says. */
export const token = z
  .object({
    id: identifier,
    name: z.string().meta({ example: 'grafana' }),
    role: z.enum(['admin', 'viewer', 'owner']),
    owner: z.string().nullable().meta({ example: 'team-orders' }),
    created_at: moment,
    created_by: z.string().meta({ example: 'first admin' }),
    expires_at: moment.nullable(),
    last_used_at: moment.nullable().meta({ description: 'To the minute.' }),
    revoked_at: moment.nullable(),
  })
  .meta({ id: 'Token' });

/** A token that was just made. */
export const issuedToken = token
  .extend({
    secret: z.string().meta({ description: 'What the header Authorization takes. Shown only now.', example: 'tmk_…' }),
  })
  .meta({ id: 'IssuedToken' });
