import type pg from 'pg';
import { Secret } from '../config/secret.ts';
import { TidemarkError, type ErrorCode } from '../errors.ts';
import { findLogin, type StoredLogin } from '../store/credentials.ts';
import type { Instance } from '../store/instances.ts';
import { descriptionOf, unsavedInstance } from './instances.body.ts';
import { describeTest } from './instances.describe.ts';
import { connectionTest } from './instances.schemas.ts';
import { requireInstance } from './known-instance.ts';
import { idParameter } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { data } from './routing/response.ts';

/** What a login can end with. */
const loginErrors: readonly ErrorCode[] = [
  ...(['host_unknown', 'connection_refused', 'connection_lost', 'timeout', 'protocol_error', 'tls_failed'] as const),
  ...(['access_denied', 'database_unknown', 'too_many_connections', 'credential_unavailable'] as const),
  ...(['encryption_key_missing', 'secret_unreadable', 'target_refused', 'engine_unsupported'] as const),
  ...(['server_too_old', 'permission_denied', 'query_failed'] as const),
];

/** Trying out a login: `/instances/{id}/test`, `/instances/test` */
export const connectionTestsRoutes: readonly Route[] = [
  defineRoute('POST /instances/{id}/test', {
    tag: 'Instances',
    summary: 'Log in to an instance, measure, store nothing',
    params: idParameter,
    response: data(connectionTest),
    errors: loginErrors,
    example: { params: { id: 1 } },
    handler: async ({ params, visibleTo, context: { pool, testConnection } }) =>
      describeTest(await testConnection(await requireInstance(pool, params.id, visibleTo))),
  }),

  defineRoute('POST /instances/test', {
    tag: 'Instances',
    summary: 'Log in to an instance that is not saved, measure, store nothing',
    description: 'Takes the body of `POST /instances`; a name is not needed.',
    body: unsavedInstance,
    response: data(connectionTest),
    errors: loginErrors,
    example: {
      body: { engine: 'mysql', host: 'db2.example.net', username: 'tidemark', password: 'the password' },
    },
    handler: async ({ body, context: { pool, testConnection } }) => {
      const kept = body.credential_id === undefined ? null : await requireLogin(pool, body.credential_id);
      const instance: Instance = {
        ...descriptionOf(body),
        ...{ id: 0, source: 'user', serverVersion: null },
        username: kept?.username ?? body.username ?? null,
        secretReference: kept?.secretReference ?? body.secret_reference ?? null,
        encryptedSecret: kept?.encrypted == null ? null : { ...kept.encrypted, owner: kept.name },
      };
      const password = body.password == null ? undefined : new Secret(body.password);
      return describeTest(await testConnection(instance, password));
    },
  }),
];

async function requireLogin(pool: pg.Pool, id: number): Promise<StoredLogin> {
  const login = await findLogin(pool, id);
  if (login !== null) return login;
  const problem = `there is no credential ${id}`;
  throw new TidemarkError('bad_request', `credential_id: ${problem}`, {
    details: [{ field: 'credential_id', problem }],
  });
}
