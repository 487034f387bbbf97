import { toMegabytes } from '../statistics/megabytes.ts';
import { listInstances, type InstanceSummary } from '../store/instances.ts';
import { connectionTest, instance } from './instances.schemas.ts';
import { requireInstance } from './known-instance.ts';
import { idParameter } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { data, page, type AnswerOf } from './routing/response.ts';

/** What is watched: `/instances` */
export const instancesRoutes: readonly Route[] = [
  defineRoute('GET /instances', {
    tag: 'Instances',
    summary: 'What is watched, with total sizes and the last collection',
    response: page(instance),
    example: {},
    handler: async ({ page: { limit, offset }, visibleTo, context: { pool } }) => {
      const { instances, total } = await listInstances(pool, { limit, offset, visibleTo });
      return { rows: instances.map(describeInstance), total };
    },
  }),

  defineRoute('POST /instances/{id}/test', {
    tag: 'Instances',
    summary: 'Log in to an instance, measure, store nothing',
    params: idParameter,
    response: data(connectionTest),
    errors: [
      ...([
        'host_unknown',
        'connection_refused',
        'connection_lost',
        'timeout',
        'protocol_error',
        'tls_failed',
      ] as const),
      ...(['access_denied', 'database_unknown', 'too_many_connections', 'credential_unavailable'] as const),
      ...(['encryption_key_missing', 'secret_unreadable', 'target_refused', 'engine_unsupported'] as const),
      ...(['server_too_old', 'permission_denied', 'query_failed'] as const),
    ],
    example: { params: { id: 1 } },
    handler: async ({ params, visibleTo, context: { pool, testConnection } }) => {
      const result = await testConnection(await requireInstance(pool, params.id, visibleTo));
      return {
        server_version: result.serverVersion,
        encrypted: result.encrypted,
        databases: result.databases,
        unmeasured_databases: result.unmeasuredDatabases,
        findings: result.findings.map(({ databaseName: database, code, message }) => ({ database, code, message })),
      };
    },
  }),
];

function describeInstance(summary: InstanceSummary): AnswerOf<typeof instance> {
  const { lastCollection } = summary;
  return {
    id: summary.id,
    name: summary.name,
    engine: summary.engine,
    host: summary.host,
    port: summary.port,
    server_version: summary.serverVersion,
    owner: summary.owner,
    labels: summary.labels,
    source: summary.source,
    active: summary.active,
    total_size_bytes: summary.totalSizeBytes,
    total_size_mb: toMegabytes(summary.totalSizeBytes),
    database_count: summary.databaseCount,
    measure_seconds: summary.measureMilliseconds === null ? null : summary.measureMilliseconds / 1000,
    quiet_hours: summary.quietHours,
    last_collection:
      lastCollection === null
        ? null
        : {
            status: lastCollection.status,
            finished_at: lastCollection.finishedAt === null ? null : new Date(lastCollection.finishedAt),
            error_code: lastCollection.errorCode,
            error_message: lastCollection.errorMessage,
          },
  };
}
