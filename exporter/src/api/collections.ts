import { z } from 'zod';
import { filled } from '../config/text.ts';
import { TidemarkError } from '../errors.ts';
import type { Queryable } from '../store/pool.ts';
import { listInstanceRecords, listRecords } from '../store/records.ts';
import { cancelSession, findSession, isOnlyAbout, listSessions, type Scope } from '../store/sessions.ts';
import { describeRecord, describeSession } from './collections.describe.ts';
import { record, recordStatus, session, sessionStatus, startedSession, trigger } from './collections.schemas.ts';
import { requireInstance } from './known-instance.ts';
import { idParameter } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { data, page } from './routing/response.ts';

const runBody = z
  .strictObject({
    instance: filled(255).optional().meta({ description: 'The name of an instance.' }),
    label: filled(511)
      .regex(/^[^=]+=/, 'expected key=value')
      .optional()
      .meta({ description: 'Instances with this label.', example: 'environment=production' }),
    owner: filled(255).optional().meta({ description: 'Instances of this owner.' }),
  })
  .refine((body) => Object.values(body).filter((value) => value !== undefined).length <= 1, {
    message: 'expected one of instance, label and owner, or none of them for all',
  })
  .default({});

/** Runs over the fleet, what became of each instance, and run now: `/collections`, `/instances/{id}/records` */
export const collectionsRoutes: readonly Route[] = [
  defineRoute('GET /collections', {
    tag: 'Collections',
    summary: 'Runs over the fleet, newest first',
    query: z.strictObject({ status: sessionStatus.optional(), trigger: trigger.optional() }),
    response: page(session),
    example: { query: { status: 'partial' } },
    handler: async ({ query, page: { limit, offset }, visibleTo, context: { pool } }) => {
      const { sessions, total } = await listSessions(pool, { ...query, visibleTo, limit, offset });
      return { rows: sessions.map(describeSession), total };
    },
  }),

  defineRoute('POST /collections', {
    tag: 'Collections',
    summary: 'Measure now',
    description:
      'Starts a run, or joins the one in progress with the instances that it lacks. An instance that is named is measured next, also where that run has measured it already. Without a body it is about everything that the token may see.',
    body: runBody,
    response: data(startedSession, { status: 202 }),
    errors: ['not_found', 'run_in_progress'],
    example: { body: { instance: 'orders-pg' } },
    handler: async ({ body, actor, visibleTo, context: { startCollection } }) => {
      const everything = Object.keys(body).length === 0;
      const scope = everything && visibleTo !== null ? { owner: visibleTo } : (body as Scope);
      const started = await startCollection({ scope, requestedBy: actor.name, visibleTo });
      return { ...describeSession(started.session), joined: started.joined };
    },
  }),

  defineRoute('GET /collections/{id}', {
    tag: 'Collections',
    summary: 'One run',
    params: idParameter,
    response: data(session),
    example: { params: { id: 1 } },
    handler: async ({ params, visibleTo, context: { pool } }) =>
      describeSession(await requireSession(pool, params.id, visibleTo)),
  }),

  defineRoute('GET /collections/{id}/records', {
    tag: 'Collections',
    summary: 'What became of each instance in a run, failed ones first',
    params: idParameter,
    query: z.strictObject({ status: recordStatus.optional() }),
    response: page(record),
    example: { params: { id: 1 }, query: { status: 'failed' } },
    handler: async ({ params, query, page: { limit, offset }, visibleTo, context: { pool } }) => {
      await requireSession(pool, params.id, visibleTo);
      const { records, total } = await listRecords(pool, params.id, { ...query, visibleTo, limit, offset });
      return { rows: records.map(describeRecord), total };
    },
  }),

  defineRoute('GET /instances/{id}/records', {
    tag: 'Collections',
    summary: 'What became of an instance in every run, the newest first',
    params: idParameter,
    query: z.strictObject({ status: recordStatus.optional() }),
    response: page(record),
    example: { params: { id: 1 }, query: { status: 'failed' } },
    handler: async ({ params, query, page: { limit, offset }, visibleTo, context: { pool } }) => {
      await requireInstance(pool, params.id, visibleTo);
      const { records, total } = await listInstanceRecords(pool, params.id, { ...query, limit, offset });
      return { rows: records.map(describeRecord), total };
    },
  }),

  defineRoute('POST /collections/{id}/cancel', {
    tag: 'Collections',
    summary: 'Cancel a run',
    description:
      'What has not started is not measured any more, what runs is ended. An owner can cancel a run of its own instances only. A run that has ended stays as it is.',
    params: idParameter,
    response: data(session),
    example: { params: { id: 1 } },
    handler: async ({ params, visibleTo, context: { pool } }) => {
      await requireSession(pool, params.id, visibleTo);
      if (visibleTo !== null && !(await isOnlyAbout(pool, params.id, visibleTo))) {
        throw new TidemarkError(
          'forbidden',
          'instances of others are part of this collection: only an admin can cancel it',
        );
      }
      // One that has ended cannot be cancelled any more, which is what was wanted.
      await cancelSession(pool, params.id);
      return describeSession(await requireSession(pool, params.id, visibleTo));
    },
  }),
];

async function requireSession(client: Queryable, id: number, visibleTo: string | null) {
  const found = await findSession(client, id, visibleTo);
  if (found === null) throw new TidemarkError('not_found', `there is no collection ${id}`);
  return found;
}
