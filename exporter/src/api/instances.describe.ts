import type { ConnectionTest } from '../collection/connection-test.ts';
import { toMegabytes } from '../statistics/megabytes.ts';
import type { InstanceSummary } from '../store/instance-list.ts';
import type { connectionTest, instance } from './instances.schemas.ts';
import { describeSparkline } from './list-parameters.ts';
import type { AnswerOf } from './routing/response.ts';
import { oneDecimal } from './schemas.ts';

export function describeInstance(summary: InstanceSummary): AnswerOf<typeof instance> {
  const { lastCollection, growth, tls, measureMilliseconds } = summary;
  return {
    id: summary.id,
    name: summary.name,
    engine: summary.engine,
    host: summary.host,
    port: summary.port,
    database: summary.database,
    server_version: summary.serverVersion,
    owner: summary.owner,
    labels: summary.labels,
    source: summary.source,
    active: summary.active,
    tls: {
      mode: tls.mode,
      ca: tls.ca ?? null,
      cert: tls.cert ?? null,
      key: tls.key ?? null,
      server_name: tls.server_name ?? null,
    },
    username: summary.username,
    credential_id: summary.credentialId,
    include: summary.include,
    exclude: summary.exclude,
    quiet_hours: summary.quietHours,
    estimate_on_timeout: summary.estimateOnTimeout,
    total_size_bytes: summary.totalSizeBytes,
    total_size_mb: toMegabytes(summary.totalSizeBytes),
    database_count: summary.databaseCount,
    measure_seconds: measureMilliseconds === null ? null : measureMilliseconds / 1000,
    growth:
      growth === null
        ? null
        : { days: growth.days, change_bytes: growth.changeBytes, growth_rate: oneDecimal(growth.growthRate) },
    sparkline: describeSparkline(summary.sparkline),
    last_collection:
      lastCollection === null
        ? null
        : {
            session_id: lastCollection.sessionId,
            status: lastCollection.status,
            finished_at: lastCollection.finishedAt,
            error_code: lastCollection.errorCode,
            error_message: lastCollection.errorMessage,
          },
    created_at: summary.createdAt,
    updated_at: summary.updatedAt,
  };
}

export function describeTest(result: ConnectionTest): AnswerOf<typeof connectionTest> {
  return {
    server_version: result.serverVersion,
    encrypted: result.encrypted,
    databases: result.databases,
    unmeasured_databases: result.unmeasuredDatabases,
    findings: result.findings.map(({ databaseName: database, code, message }) => ({ database, code, message })),
  };
}
