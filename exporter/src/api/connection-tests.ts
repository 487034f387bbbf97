import type { ErrorCode } from '../errors.ts';
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

/** Trying out a login: `/instances/{id}/test` */
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
];
