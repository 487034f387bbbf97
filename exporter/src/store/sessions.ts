import type pg from 'pg';
import { codeOf } from '../errors.ts';
import { inTransaction, isWorthRepeating, type Queryable } from './pool.ts';
import type { Queue } from './queue.ts';
import { addRecords, lockedRecords } from './records.ts';

export type Trigger = 'schedule' | 'startup' | 'command' | 'api';
export type SessionStatus = 'running' | 'succeeded' | 'partial' | 'failed' | 'interrupted' | 'cancelled';

/** What a run is about: all active instances, or those that one of these names. */
export type Scope =
  | Readonly<Record<string, never>>
  | { readonly instance: string }
  /** `key=value` */
  | { readonly label: string }
  | { readonly owner: string };

/** One run over the fleet. */
export interface CollectionSession {
  readonly id: number;
  readonly trigger: Trigger;
  readonly status: SessionStatus;
  readonly scope: Scope;
  /** Who asked; null for the schedule. */
  readonly requestedBy: string | null;
  /** Of a scheduled run. */
  readonly dueAt: Date | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly cancelRequestedAt: Date | null;
  readonly instances: Readonly<
    Record<
      'total' | 'queued' | 'running' | 'succeeded' | 'partial' | 'failed' | 'skipped' | 'interrupted' | 'cancelled',
      number
    >
  >;
  readonly databasesMeasured: number;
  readonly databasesFailed: number;
}

/** Who wants what measured. */
export interface SessionRequest {
  readonly trigger: Trigger;
  readonly scope: Scope;
  readonly requestedBy: string | null;
  /** Null: nobody waits for a tick. One session a tick. */
  readonly dueAt: Date | null;
  readonly instances: readonly { readonly id: number }[];
  /** How often an instance with a passing fault is tried again. */
  readonly retries: number;
}

/** `opened`: a new one. `joined`: one that runs already, with what it lacked. `busy`: one that cannot be joined. */
export interface SessionOpening {
  readonly id: number;
  readonly how: 'opened' | 'joined' | 'busy';
}

/**
 * Opens a session with a queued record and an entry in the queue for each instance, or joins the one that runs. A request for
 * a tick joins nothing but the session of that tick.
 */
export async function openSession(pool: pg.Pool, queue: Queue, request: SessionRequest): Promise<SessionOpening> {
  for (;;) {
    try {
      return await inTransaction(pool, async (client) => {
        const existing = await findToJoin(client, request);
        if (existing !== null) {
          if (existing.how === 'joined') await addRecords(client, queue, existing.id, request);
          return existing;
        }
        const { rows } = await client.query<{ id: number }>(
          `INSERT INTO collection_sessions (trigger, status, scope, requested_by, due_at, started_at)
           VALUES ($1, 'running', $2, $3, $4, clock_timestamp())
           RETURNING id`,
          [request.trigger, request.scope, request.requestedBy, request.dueAt],
        );
        const id = rows[0]?.id ?? 0;
        await addRecords(client, queue, id, request);
        await finishSessions(client, [id]);
        return { id, how: 'opened' };
      });
    } catch (error) {
      // Somebody opened one at the same moment, which can be seen now, or ended a record that was to be joined.
      if (codeOf(error) !== '23505' && !isWorthRepeating(error)) throw error;
    }
  }
}

async function findToJoin(client: pg.PoolClient, request: SessionRequest): Promise<SessionOpening | null> {
  if (request.dueAt !== null) {
    const { rows } = await client.query<{ id: number }>('SELECT id FROM collection_sessions WHERE due_at = $1', [
      request.dueAt,
    ]);
    if (rows[0] !== undefined) return { id: rows[0].id, how: 'opened' };
  }
  // The lock keeps the session open until our instances are on its list.
  const { rows } = await client.query<{ id: number; cancelling: boolean; sameTick: boolean }>(
    `SELECT id, cancel_requested_at IS NOT NULL AS cancelling, due_at IS NOT DISTINCT FROM $1 AS "sameTick"
     FROM collection_sessions
     WHERE status = 'running'
     FOR UPDATE`,
    [request.dueAt],
  );
  const running = rows[0];
  if (running === undefined) return null;
  // Opened by another exporter since we looked.
  if (request.dueAt !== null && running.sameTick) return { id: running.id, how: 'opened' };
  return { id: running.id, how: request.dueAt !== null || running.cancelling ? 'busy' : 'joined' };
}

/**
 * Ends those of the sessions whose last record has ended, as their records say: all well, none well, or in between. Two
 * exporters that end the last two records at the same moment go one after the other, and the later one sees both.
 * @returns those that were ended
 */
export async function finishSessions(client: pg.PoolClient, ids: readonly number[]): Promise<number[]> {
  if (ids.length === 0) return [];
  await lockSessions(client, ids);
  const { rows } = await client.query<{ id: number }>(
    `WITH ended AS (
       UPDATE collection_sessions AS s
       SET finished_at = clock_timestamp(), status = (
         SELECT CASE
           WHEN s.cancel_requested_at IS NOT NULL THEN 'cancelled'
           WHEN count(*) FILTER (WHERE r.status IN ('interrupted', 'cancelled')) > 0 THEN 'interrupted'
           WHEN count(*) FILTER (WHERE r.status NOT IN ('succeeded', 'skipped')) = 0 THEN 'succeeded'
           WHEN count(*) FILTER (WHERE r.status IN ('succeeded', 'partial')) = 0 THEN 'failed'
           ELSE 'partial'
         END
         FROM collection_records AS r
         WHERE r.session_id = s.id
       )
       WHERE s.id = ANY ($1::bigint[]) AND s.status = 'running' AND NOT EXISTS (
         SELECT FROM collection_records AS r
         WHERE r.session_id = s.id AND r.status IN ('queued', 'running')
       )
       RETURNING s.id, s.due_at, s.status
     ),
     run AS (
       UPDATE job_runs AS j
       SET finished_at = clock_timestamp(), succeeded = e.status IN ('succeeded', 'partial'),
         message = 'session ' || e.id || ': ' || e.status
       FROM ended AS e
       WHERE j.job = 'collect' AND j.due_at = e.due_at AND j.finished_at IS NULL
     )
     SELECT id FROM ended`,
    [ids],
  );
  return rows.map((row) => row.id);
}

/**
 * Ends running sessions that nobody works on any more: one whose instances were removed, or one that was cancelled while an
 * instance came back into the queue, from a passing fault or an exporter that died.
 */
export async function finishEmptySessions(pool: pg.Pool): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(
    `SELECT s.id
     FROM collection_sessions AS s
     WHERE s.status = 'running' AND (
       s.cancel_requested_at IS NOT NULL OR NOT EXISTS (
         SELECT FROM collection_records AS r
         WHERE r.session_id = s.id AND r.status IN ('queued', 'running')
       )
     )`,
  );
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  return inTransaction(pool, async (client) => {
    await lockSessions(client, ids);
    await cancelQueued(client, ids);
    return finishSessions(client, ids);
  });
}

async function lockSessions(client: pg.PoolClient, ids: readonly number[]): Promise<void> {
  await client.query(
    `SELECT FROM collection_sessions WHERE id = ANY ($1::bigint[]) AND status = 'running' ORDER BY id FOR NO KEY UPDATE`,
    [ids],
  );
}

/**
 * Cancels what has not started; what runs is told at its next sign of life.
 * @returns false when the session is not running
 */
export async function cancelSession(pool: pg.Pool, id: number): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE collection_sessions
       SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp())
       WHERE id = $1 AND status = 'running'`,
      [id],
    );
    if (rowCount !== 1) return false;
    await cancelQueued(client, [id]);
    await finishSessions(client, [id]);
    return true;
  });
}

/** Of sessions that were cancelled. The entries stay in the queue: whoever takes one finds that there is nothing to do. */
async function cancelQueued(client: pg.PoolClient, ids: readonly number[]): Promise<void> {
  await client.query(
    `WITH locked AS MATERIALIZED (
       ${lockedRecords(
         `status = 'queued' AND session_id IN (
            SELECT id FROM collection_sessions WHERE id = ANY ($1::bigint[]) AND cancel_requested_at IS NOT NULL
          )`,
       )}
     )
     UPDATE collection_records AS r
     SET status = CASE WHEN r.databases_measured > 0 THEN 'partial' ELSE 'cancelled' END,
       finished_at = clock_timestamp(), queue_job_id = NULL, error_code = 'cancelled',
       error_message = 'cancelled before it was measured'
     FROM locked AS l
     WHERE r.id = l.id`,
    [ids],
  );
}

const counted = ['queued', 'running', 'succeeded', 'partial', 'failed', 'skipped', 'interrupted', 'cancelled'];

// $1 is the owner whose instances there are, or null. Of a session, an owner sees what is about its own instances.
const sessionQuery = `
  SELECT s.id, s.trigger, s.status, s.due_at AS "dueAt",
    s.started_at AS "startedAt", s.finished_at AS "finishedAt", s.cancel_requested_at AS "cancelRequestedAt",
    CASE WHEN shown.request THEN s.scope ELSE '{}' END AS scope,
    CASE WHEN shown.request THEN s.requested_by END AS "requestedBy",
    records.instances, records."databasesMeasured", records."databasesFailed"
  FROM collection_sessions AS s
  CROSS JOIN LATERAL (
    SELECT
      jsonb_build_object(
        'total', count(*),
        ${counted.map((status) => `'${status}', count(*) FILTER (WHERE r.status = '${status}')`).join(', ')}
      ) AS instances,
      coalesce(sum(databases_measured), 0)::int AS "databasesMeasured",
      coalesce(sum(databases_failed), 0)::int AS "databasesFailed",
      count(*) AS total
    FROM collection_records AS r
    WHERE r.session_id = s.id
      AND ($1::text IS NULL OR EXISTS (SELECT FROM instances AS i WHERE i.id = r.instance_id AND i.owner = $1))
  ) AS records
  CROSS JOIN LATERAL (
    SELECT $1::text IS NULL OR s.scope = '{}' OR s.scope ->> 'owner' = $1 OR EXISTS (
      SELECT FROM instances AS i WHERE i.name = s.scope ->> 'instance' AND i.owner = $1
    ) AS request
  ) AS shown
  WHERE ($1::text IS NULL OR records.total > 0)`;

/** @param visibleTo the owner whose instances there are; null for all */
export async function findSession(
  client: Queryable,
  id: number,
  visibleTo: string | null = null,
): Promise<CollectionSession | null> {
  const { rows } = await client.query<CollectionSession>(`${sessionQuery} AND s.id = $2`, [visibleTo, id]);
  return rows[0] ?? null;
}

/** Whether there may be something to measure: cheap enough to be asked all day. */
export async function isSessionRunning(client: Queryable): Promise<boolean> {
  const { rowCount } = await client.query("SELECT FROM collection_sessions WHERE status = 'running'");
  return rowCount !== 0;
}

/** The newest session, running or not. */
export async function findLastSession(client: Queryable): Promise<CollectionSession | null> {
  const { rows } = await client.query<CollectionSession>(
    `${sessionQuery} AND s.id = (SELECT max(id) FROM collection_sessions)`,
    [null],
  );
  return rows[0] ?? null;
}

/** Which sessions are listed. */
export interface SessionFilter {
  readonly status?: SessionStatus | undefined;
  readonly trigger?: Trigger | undefined;
  /** The owner whose instances there are; null or left out: all. */
  readonly visibleTo?: string | null;
}

/** The newest first, a page at a time. */
export async function listSessions(
  client: Queryable,
  query: SessionFilter & { readonly limit: number; readonly offset: number },
): Promise<{ sessions: CollectionSession[]; total: number }> {
  const filter = [query.visibleTo ?? null, query.status ?? null, query.trigger ?? null];
  const condition = '($2::text IS NULL OR s.status = $2) AND ($3::text IS NULL OR s.trigger = $3)';
  const { rows } = await client.query<CollectionSession>(
    `${sessionQuery} AND ${condition} ORDER BY s.id DESC LIMIT $4 OFFSET $5`,
    [...filter, query.limit, query.offset],
  );
  const count = await client.query<{ total: number }>(
    `SELECT count(*) AS total
     FROM collection_sessions AS s
     WHERE ${condition} AND ($1::text IS NULL OR EXISTS (
       SELECT FROM collection_records AS r
       JOIN instances AS i ON i.id = r.instance_id
       WHERE r.session_id = s.id AND i.owner = $1
     ))`,
    filter,
  );
  return { sessions: rows, total: count.rows[0]?.total ?? 0 };
}

/** Whether a session is about instances of this owner and no others. */
export async function isOnlyAbout(client: Queryable, sessionId: number, owner: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM collection_records AS r
     JOIN instances AS i ON i.id = r.instance_id
     WHERE r.session_id = $1 AND i.owner IS DISTINCT FROM $2
     LIMIT 1`,
    [sessionId, owner],
  );
  return rowCount === 0;
}
