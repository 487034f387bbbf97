import type { CollectionRecord } from '../store/records.ts';
import type { CollectionSession } from '../store/sessions.ts';
import type { record, session } from './collections.schemas.ts';
import type { AnswerOf } from './routing/response.ts';

/** A session as answers show it. */
export function describeSession(from: CollectionSession): AnswerOf<typeof session> {
  return {
    id: from.id,
    trigger: from.trigger,
    scope: from.scope,
    requested_by: from.requestedBy,
    due_at: from.dueAt,
    status: from.status,
    started_at: from.startedAt,
    finished_at: from.finishedAt,
    duration_seconds: secondsBetween(from.startedAt, from.finishedAt),
    cancel_requested_at: from.cancelRequestedAt,
    instances: from.instances,
    databases_measured: from.databasesMeasured,
    databases_failed: from.databasesFailed,
  };
}

/** A record as answers show it. */
export function describeRecord(from: CollectionRecord): AnswerOf<typeof record> {
  return {
    session_id: from.sessionId,
    instance_id: from.instanceId,
    instance: from.instanceName,
    engine: from.engine,
    owner: from.owner,
    status: from.status,
    attempt: from.attempt,
    exporter: from.exporter,
    started_at: from.startedAt,
    finished_at: from.finishedAt,
    duration_seconds: secondsBetween(from.startedAt, from.finishedAt),
    measure_seconds: from.measureMilliseconds === null ? null : from.measureMilliseconds / 1000,
    databases_measured: from.databasesMeasured,
    databases_failed: from.databasesFailed,
    error_code: from.errorCode,
    error_message: from.errorMessage,
    failures: from.failures.map(describeFinding),
    warnings: from.warnings.map(describeFinding),
  };
}

function describeFinding({ databaseName: database, code, message }: CollectionRecord['failures'][number]) {
  return { database, code, message };
}

function secondsBetween(start: Date | null, end: Date | null): number | null {
  return start === null || end === null ? null : (end.getTime() - start.getTime()) / 1000;
}
