import type pg from 'pg';
import type { Finding } from '../engines/engine.ts';
import type { Queryable } from './pool.ts';
import type { Queue } from './queue.ts';

export type RecordStatus = 'queued' | 'running' | RecordOutcome['status'];

/** An instance of a run as the queue keeps it. */
export interface QueuedInstance {
  readonly sessionId: number;
  readonly instanceId: number;
}

/** How one instance ended. */
export interface RecordOutcome {
  readonly status: 'succeeded' | 'partial' | 'failed' | 'skipped' | 'interrupted' | 'cancelled';
  readonly databasesMeasured: number;
  readonly failures: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** One instance within a session. */
export interface CollectionRecord {
  readonly id: number;
  readonly sessionId: number;
  readonly instanceId: number;
  readonly instanceName: string;
  readonly engine: string;
  readonly owner: string | null;
  readonly status: RecordStatus;
  readonly attempt: number;
  readonly exporter: string | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly measureMilliseconds: number | null;
  readonly databasesMeasured: number | null;
  readonly databasesFailed: number | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly failures: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/**
 * The open records that meet a condition, locked in one order: two that want the same ones at the same time, as somebody who
 * renews their leases and somebody who ends them, wait for each other and never both.
 */
export function lockedRecords(condition: string): string {
  return `SELECT id, queue_job_id FROM collection_records WHERE ${condition} ORDER BY id FOR NO KEY UPDATE`;
}

/**
 * Puts instances on the list of a session that is locked by this transaction. Those on it already stay as they are, unless
 * somebody names one: then it is measured next, also where it has been measured before. Those that were removed meanwhile are
 * left out.
 */
export async function addRecords(
  client: pg.PoolClient,
  queue: Queue,
  sessionId: number,
  request: { readonly instances: readonly { readonly id: number }[]; readonly retries: number; readonly scope: object },
): Promise<void> {
  const isNamed = 'instance' in request.scope;
  const ids = request.instances.map((instance) => instance.id);
  const { rows } = await client.query<{ instanceId: number; id: string }>(
    `WITH present AS MATERIALIZED (
       SELECT id FROM instances WHERE id = ANY ($2::int[]) FOR KEY SHARE
     ),
     locked AS MATERIALIZED (
       ${lockedRecords("session_id = $1 AND instance_id = ANY ($2::int[]) AND status <> 'running' AND $3")}
     ),
     renewed AS (
       UPDATE collection_records AS r
       SET status = 'queued', queue_job_id = gen_random_uuid(), is_named = true, finished_at = NULL, exporter = NULL,
         error_code = NULL, error_message = NULL, failures = '[]', warnings = '[]'
       FROM locked AS l
       WHERE r.id = l.id
       RETURNING r.instance_id, r.queue_job_id
     ),
     named AS (
       UPDATE collection_records
       SET is_named = true
       WHERE session_id = $1 AND instance_id = ANY ($2::int[]) AND status = 'running' AND $3
     ),
     added AS (
       INSERT INTO collection_records (session_id, instance_id, queue_job_id, is_named)
       SELECT $1, id, gen_random_uuid(), $3 FROM present
       ON CONFLICT (session_id, instance_id) DO NOTHING
       RETURNING instance_id, queue_job_id
     )
     SELECT instance_id AS "instanceId", queue_job_id AS id
     FROM (SELECT * FROM renewed UNION ALL SELECT * FROM added) AS queued
     ORDER BY instance_id`,
    [sessionId, ids, isNamed],
  );
  // What somebody asked for comes before the rest of the fleet, and what they name before all.
  const priority = isNamed ? 2 : Object.keys(request.scope).length > 0 ? 1 : 0;
  const entries = rows.map(({ instanceId, id }) => {
    const data: QueuedInstance = { sessionId, instanceId };
    return { id, data, retryLimit: request.retries, priority };
  });
  await queue.insert(client, 'tidemark-instances', entries);
}

const recordColumns = `
  SELECT r.id, r.session_id AS "sessionId", r.instance_id AS "instanceId", i.name AS "instanceName", i.engine, i.owner, r.status, r.attempt,
    r.exporter, r.started_at AS "startedAt", r.finished_at AS "finishedAt",
    r.measure_milliseconds AS "measureMilliseconds", r.databases_measured AS "databasesMeasured",
    r.databases_failed AS "databasesFailed", r.error_code AS "errorCode", r.error_message AS "errorMessage",
    r.failures, r.warnings
  FROM collection_records AS r
  JOIN instances AS i ON i.id = r.instance_id`;

const recordQuery = `${recordColumns} WHERE r.session_id = $1`;

/** What went wrong comes first. */
const worstFirst = `array_position(
  ARRAY['failed', 'partial', 'interrupted', 'cancelled', 'skipped', 'running', 'queued', 'succeeded'], r.status)`;

/** Of one session, failed ones first, then by instance, a page at a time. */
export async function listRecords(
  client: Queryable,
  sessionId: number,
  query: {
    readonly limit: number;
    readonly offset: number;
    readonly status?: RecordStatus | undefined;
    /** The owner whose instances there are; null or left out: all. */
    readonly visibleTo?: string | null;
  },
): Promise<{ records: CollectionRecord[]; total: number }> {
  const condition = '($2::text IS NULL OR r.status = $2) AND ($3::text IS NULL OR i.owner = $3)';
  const filter = [sessionId, query.status ?? null, query.visibleTo ?? null];
  const { rows } = await client.query<CollectionRecord>(
    `${recordQuery} AND ${condition} ORDER BY ${worstFirst}, i.name LIMIT $4 OFFSET $5`,
    [...filter, query.limit, query.offset],
  );
  const count = await client.query<{ total: number }>(
    `SELECT count(*) AS total
     FROM collection_records AS r
     JOIN instances AS i ON i.id = r.instance_id
     WHERE r.session_id = $1 AND ${condition}`,
    filter,
  );
  return { records: rows, total: count.rows[0]?.total ?? 0 };
}

/** Of one instance, the newest run first, a page at a time. */
export async function listInstanceRecords(
  client: Queryable,
  instanceId: number,
  query: { readonly limit: number; readonly offset: number; readonly status?: RecordStatus | undefined },
): Promise<{ records: CollectionRecord[]; total: number }> {
  const condition = 'r.instance_id = $1 AND ($2::text IS NULL OR r.status = $2)';
  const filter = [instanceId, query.status ?? null];
  const { rows } = await client.query<CollectionRecord>(
    `${recordColumns} WHERE ${condition} ORDER BY r.session_id DESC LIMIT $3 OFFSET $4`,
    [...filter, query.limit, query.offset],
  );
  const count = await client.query<{ total: number }>(
    `SELECT count(*) AS total FROM collection_records AS r WHERE ${condition}`,
    filter,
  );
  return { records: rows, total: count.rows[0]?.total ?? 0 };
}

/** The records of a session that ended and are not among those that are known. */
export async function listFinishedRecords(
  client: Queryable,
  sessionId: number,
  known: readonly number[],
): Promise<CollectionRecord[]> {
  const { rows } = await client.query<CollectionRecord>(
    `${recordQuery} AND r.status NOT IN ('queued', 'running') AND r.id <> ALL ($2::bigint[]) ORDER BY r.finished_at`,
    [sessionId, known],
  );
  return rows;
}

/** How an instance fared when it was last collected, and when that last went well. */
export interface CollectionState {
  readonly instanceId: number;
  readonly instanceName: string;
  readonly engine: string;
  readonly succeeded: boolean;
  readonly durationSeconds: number;
  readonly lastSuccessAt: Date | null;
}

/**
 * Active instances whose collection has finished at least once. A partial one counts as a success: it stored something. One
 * that was skipped or cancelled was no attempt.
 * @param instanceIds null: of all of them
 */
export async function readCollectionStates(
  client: Queryable,
  instanceIds: readonly number[] | null = null,
): Promise<CollectionState[]> {
  const { rows } = await client.query<CollectionState>(
    `SELECT i.id AS "instanceId", i.name AS "instanceName", i.engine, last.status IN ('succeeded', 'partial') AS succeeded,
       extract(epoch FROM last.finished_at - coalesce(last.started_at, last.finished_at))::float8 AS "durationSeconds",
       success.finished_at AS "lastSuccessAt"
     FROM instances AS i
     CROSS JOIN LATERAL (
       SELECT status, started_at, finished_at
       FROM collection_records
       WHERE instance_id = i.id AND finished_at IS NOT NULL AND status NOT IN ('skipped', 'cancelled')
       ORDER BY session_id DESC
       LIMIT 1
     ) AS last
     LEFT JOIN LATERAL (
       SELECT finished_at
       FROM collection_records
       WHERE instance_id = i.id AND status IN ('succeeded', 'partial')
       ORDER BY session_id DESC
       LIMIT 1
     ) AS success ON true
     WHERE i.is_active AND ($1::int[] IS NULL OR i.id = ANY ($1))
     ORDER BY i.name`,
    [instanceIds],
  );
  return rows;
}

/** How often an instance, or a database on it, could not be measured for one reason, since it was added. */
export interface ErrorCount {
  readonly instanceId: number;
  /** A code of the catalogue of errors. */
  readonly reason: string;
  readonly errors: number;
}

/** @param instanceIds null: of all instances */
export async function readErrorCounts(
  client: Queryable,
  instanceIds: readonly number[] | null = null,
): Promise<ErrorCount[]> {
  const { rows } = await client.query<ErrorCount>(
    `SELECT instance_id AS "instanceId", reason, error_count AS errors
     FROM collection_error_counts
     WHERE $1::int[] IS NULL OR instance_id = ANY ($1)
     ORDER BY instance_id, reason`,
    [instanceIds],
  );
  return rows;
}
