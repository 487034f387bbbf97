import type pg from 'pg';
import { z } from 'zod';
import { instanceFields } from '../config/instance-fields.ts';
import { TidemarkError } from '../errors.ts';
import { changeCredential, createCredential, removeCredential } from '../store/credential-changes.ts';
import { findCredential, listCredentials, type Credential } from '../store/credentials.ts';
import { credential } from './credentials.schemas.ts';
import { isOneSecret, secretFields, secretOf, twoSecrets } from './login.body.ts';
import { idParameter } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { data, empty, page, type AnswerOf } from './routing/response.ts';

const newCredential = z
  .strictObject({ name: instanceFields.name, username: instanceFields.username, ...secretFields })
  .refine(isOneSecret, twoSecrets);

const changedCredential = z
  .strictObject({
    name: instanceFields.name.optional(),
    username: instanceFields.username.optional(),
    ...secretFields,
  })
  .refine((body) => Object.keys(body).length > 0, 'expected at least one field that is to change')
  .refine(isOneSecret, twoSecrets);

/** Logins that are kept for instances: `/credentials` */
export const credentialsRoutes: readonly Route[] = [
  defineRoute('GET /credentials', {
    tag: 'Credentials',
    summary: 'The logins that are kept, without their secrets',
    response: page(credential),
    example: {},
    handler: async ({ page: pageOf, context: { pool } }) => {
      const { credentials, total } = await listCredentials(pool, pageOf);
      return { rows: credentials.map(describeCredential), total };
    },
  }),

  defineRoute('POST /credentials', {
    tag: 'Credentials',
    summary: 'Keep a login for any number of instances',
    body: newCredential,
    response: data(credential, { status: 201 }),
    errors: ['name_taken', 'encryption_key_missing'],
    example: { body: { name: 'fleet-monitor', username: 'tidemark', secret_reference: 'file:/run/secrets/monitor' } },
    handler: async ({ body, actor, context: { pool, vault } }) => {
      const { name, username } = body;
      const id = await createCredential(pool, actor, { name, username, secret: secretOf(body, vault) ?? null });
      return answer(pool, id);
    },
  }),

  defineRoute('PATCH /credentials/{id}', {
    tag: 'Credentials',
    summary: 'Change a login',
    description:
      'The instances that use it log in with it from the next collection on. What is not given stays as it is.',
    params: idParameter,
    body: changedCredential,
    response: data(credential),
    errors: ['name_taken', 'encryption_key_missing', 'secret_unreadable'],
    example: { params: { id: 1 }, body: { password: 'the new one' } },
    handler: async ({ params, body, actor, context: { pool, vault } }) => {
      const change = { name: body.name, username: body.username, secret: secretOf(body, vault) };
      const found = await changeCredential(pool, actor, params.id, change, (encrypted, before, after) =>
        vault.encrypt(vault.decrypt(encrypted, before), after),
      );
      if (!found) throw unknown(params.id);
      return answer(pool, params.id);
    },
  }),

  defineRoute('DELETE /credentials/{id}', {
    tag: 'Credentials',
    summary: 'Forget a login',
    description: 'Not one that an instance logs in with: the details of the error name them.',
    params: idParameter,
    response: empty(),
    errors: ['in_use'],
    example: { params: { id: 1 } },
    handler: async ({ params, actor, context: { pool } }) => {
      if (!(await removeCredential(pool, actor, params.id))) throw unknown(params.id);
      return undefined;
    },
  }),
];

async function answer(pool: pg.Pool, id: number): Promise<AnswerOf<typeof credential>> {
  const found = await findCredential(pool, id);
  if (found === null) throw unknown(id);
  return describeCredential(found);
}

function unknown(id: number): TidemarkError {
  return new TidemarkError('not_found', `there is no credential ${id}`);
}

function describeCredential(found: Credential): AnswerOf<typeof credential> {
  return {
    id: found.id,
    name: found.name,
    username: found.username,
    secret: found.keyId !== null ? 'stored' : found.secretReference !== null ? 'reference' : 'none',
    reference: found.secretReference,
    dedicated: found.dedicated,
    instances: found.instances,
    created_at: found.createdAt,
    updated_at: found.updatedAt,
  };
}
