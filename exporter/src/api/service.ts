import { z } from 'zod';
import { filled } from '../config/text.ts';
import { engineDescriptions } from '../engines/describe.ts';
import { listAudit } from '../store/audit.ts';
import { holdsDemonstration } from '../store/instances.ts';
import { version } from '../version.ts';
import { dateRange, inOrder, outOfOrder } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { data, page, table } from './routing/response.ts';
import { auditEntry, engine, me } from './service.schemas.ts';

const auditQuery = z
  .strictObject({
    action: filled(50).optional().meta({ description: 'Only this action.', example: 'update' }),
    actor: filled(255).optional().meta({ description: 'Only what this one did.' }),
    ...dateRange,
  })
  .refine(inOrder, outOfOrder);

/** About the service itself: `/me`, `/engines`, `/audit` */
export const serviceRoutes: readonly Route[] = [
  defineRoute('GET /me', {
    tag: 'Service',
    summary: 'Who asks, and what answers',
    description: 'For a first look whether the address and the token are right.',
    response: data(me),
    example: {},
    handler: async ({ actor, context: { pool, timezone } }) => ({
      name: actor.name,
      role: actor.role,
      owner: actor.owner,
      expires_at: actor.expiresAt,
      version,
      timezone,
      demonstration: await holdsDemonstration(pool),
    }),
  }),

  defineRoute('GET /engines', {
    tag: 'Service',
    summary: 'What can be measured on which kind of server, and what the login needs for it',
    response: table(engine),
    example: {},
    handler: () =>
      engineDescriptions().map((description) => ({
        engine: description.engine,
        name: description.label,
        default_port: description.defaultPort,
        default_database: description.defaultDatabase,
        versions: description.versions,
        capabilities: description.capabilities,
        grants: description.grants,
      })),
  }),

  defineRoute('GET /audit', {
    tag: 'Service',
    summary: 'Who changed what, and when; newest first',
    query: auditQuery,
    response: page(auditEntry),
    example: { query: { action: 'update' } },
    handler: async ({ query, page: { limit, offset }, context: { pool, timezone } }) => {
      const { action, actor, start_date: startDate, end_date: endDate } = query;
      const { entries, total } = await listAudit(pool, { action, actor, startDate, endDate, timezone, limit, offset });
      const rows = entries.map((entry) => ({
        id: entry.id,
        at: entry.at,
        actor: entry.actor,
        role: entry.role,
        action: entry.action,
        object_type: entry.objectType,
        object_id: entry.objectId,
        object_name: entry.objectName,
        changes: entry.changes,
      }));
      return { rows, total };
    },
  }),
];
