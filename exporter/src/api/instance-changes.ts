import type { z } from 'zod';
import type pg from 'pg';
import { TidemarkError } from '../errors.ts';
import type { Vault } from '../fleet/vault.ts';
import { changeInstance, createInstance, removeInstance, type LoginChange } from '../store/instance-changes.ts';
import { findInstanceSummary } from '../store/instance-list.ts';
import { changedInstance, changesOf, descriptionOf, newInstance } from './instances.body.ts';
import { describeInstance } from './instances.describe.ts';
import { instance } from './instances.schemas.ts';
import { secretOf } from './login.body.ts';
import { idParameter } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { data, empty, type AnswerOf } from './routing/response.ts';

/** Who is watched from now on: `POST`, `PATCH` and `DELETE` of `/instances` */
export const instanceChangesRoutes: readonly Route[] = [
  defineRoute('POST /instances', {
    tag: 'Instances',
    summary: 'Watch a further instance',
    description: 'From the next collection on. Try it first: `POST /instances/test` takes the same body.',
    body: newInstance,
    response: data(instance, { status: 201 }),
    errors: ['name_taken', 'encryption_key_missing'],
    example: {
      body: {
        ...{ name: 'orders-pg', engine: 'postgresql', host: 'db1.example.net', username: 'tidemark' },
        ...{ secret_reference: 'env:ORDERS_PASSWORD', owner: 'team-orders', labels: { environment: 'production' } },
      },
    },
    handler: async ({ body, actor, context: { pool, vault } }) => {
      const id = await createInstance(pool, actor, descriptionOf(body), loginOf(body, vault));
      return answer(pool, id);
    },
  }),

  defineRoute('PATCH /instances/{id}', {
    tag: 'Instances',
    summary: 'Change an instance',
    description:
      'What is not given stays as it is. What comes from the configuration file or belongs to the embedded repository cannot be changed here.',
    params: idParameter,
    body: changedInstance,
    response: data(instance),
    errors: ['provisioned', 'name_taken', 'encryption_key_missing'],
    example: { params: { id: 1 }, body: { active: false } },
    handler: async ({ params, body, actor, context: { pool, vault } }) => {
      const found = await changeInstance(pool, actor, params.id, changesOf(body), loginOf(body, vault));
      if (!found) throw unknown(params.id);
      return answer(pool, params.id);
    },
  }),

  defineRoute('DELETE /instances/{id}', {
    tag: 'Instances',
    summary: 'Remove an instance and its history',
    description: 'For good: to keep the history, change `active` to false.',
    params: idParameter,
    response: empty(),
    errors: ['provisioned'],
    example: { params: { id: 1 } },
    handler: async ({ params, actor, context: { pool } }) => {
      if (!(await removeInstance(pool, actor, params.id))) throw unknown(params.id);
      return undefined;
    },
  }),
];

function loginOf(body: z.output<typeof changedInstance>, vault: Vault): LoginChange {
  return { credentialId: body.credential_id, username: body.username, secret: secretOf(body, vault) };
}

async function answer(pool: pg.Pool, id: number): Promise<AnswerOf<typeof instance>> {
  const found = await findInstanceSummary(pool, id, { growth: null, sparkline: null, visibleTo: null });
  if (found === null) throw unknown(id);
  return describeInstance(found);
}

function unknown(id: number): TidemarkError {
  return new TidemarkError('not_found', `there is no instance ${id}`);
}
