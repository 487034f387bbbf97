import type pg from 'pg';
import type { Finding } from '../engines/engine.ts';
import { codeOf } from '../errors.ts';
import { inTransaction, type Queryable } from './pool.ts';

export type Trigger = 'schedule' | 'startup' | 'command' | 'api';
export type SessionStatus = 'running' | 'succeeded' | 'partial' | 'failed' | 'interrupted' | 'cancelled';

/** One run over the fleet. */
export interface CollectionSession {
  readonly id: number;
  readonly trigger: Trigger;
  readonly status: SessionStatus;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly instances: Readonly<Record<'total' | 'succeeded' | 'partial' | 'failed', number>>;
  readonly databasesMeasured: number;
  readonly databasesFailed: number;
}

/** How one instance ended. */
export interface RecordOutcome {
  readonly status: 'succeeded' | 'partial' | 'failed' | 'interrupted';
  readonly databasesMeasured: number;
  readonly failures: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

/**
 * Opens a session with a queued record for each instance.
 * @returns null when another session is running
 */
export async function openSession(
  pool: pg.Pool,
  trigger: Trigger,
  instanceIds: readonly number[],
  leaseMilliseconds: number,
): Promise<number | null> {
  try {
    return await inTransaction(pool, async (client) => {
      await closeAbandonedSessions(client);
      const { rows } = await client.query<{ id: number }>(
        `INSERT INTO collection_sessions (trigger, status, lease_expires_at)
         VALUES ($1, 'running', clock_timestamp() + $2 * interval '1 millisecond')
         RETURNING id`,
        [trigger, leaseMilliseconds],
      );
      const id = rows[0]?.id ?? 0;
      await client.query(
        'INSERT INTO collection_records (session_id, instance_id) SELECT $1, unnest($2::int[]) ORDER BY 2',
        [id, instanceIds],
      );
      return id;
    });
  } catch (error) {
    if (codeOf(error) === '23505') return null;
    throw error;
  }
}

/** Closes as interrupted the session whose exporter gave no sign of life. @returns how many there were */
export async function closeAbandonedSessions(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `UPDATE collection_sessions
     SET status = 'interrupted', finished_at = now()
     WHERE status = 'running' AND lease_expires_at < clock_timestamp()
     RETURNING id`,
  );
  for (const { id } of rows) await closeOpenRecords(client, id);
  return rows.length;
}

async function closeOpenRecords(client: Queryable, sessionId: number): Promise<void> {
  await client.query(
    `UPDATE collection_records
     SET status = 'interrupted', finished_at = now(), error_code = 'interrupted',
       error_message = 'the exporter stopped before this instance was measured: the next run measures it'
     WHERE session_id = $1 AND status IN ('queued', 'running')`,
    [sessionId],
  );
}

/** A sign of life. @returns false when the session is no longer ours */
export async function renewLease(client: Queryable, sessionId: number, leaseMilliseconds: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE collection_sessions
     SET lease_expires_at = clock_timestamp() + $2 * interval '1 millisecond'
     WHERE id = $1 AND status = 'running'`,
    [sessionId, leaseMilliseconds],
  );
  return rowCount === 1;
}

export async function startRecord(client: Queryable, sessionId: number, instanceId: number): Promise<void> {
  await client.query(
    `UPDATE collection_records
     SET status = 'running', started_at = clock_timestamp()
     WHERE session_id = $1 AND instance_id = $2 AND status = 'queued'`,
    [sessionId, instanceId],
  );
}

export async function finishRecord(
  client: Queryable,
  sessionId: number,
  instanceId: number,
  outcome: RecordOutcome,
): Promise<void> {
  await client.query(
    `UPDATE collection_records
     SET status = $3, finished_at = clock_timestamp(), databases_measured = $4, databases_failed = $5, error_code = $6,
       error_message = $7, failures = $8, warnings = $9
     WHERE session_id = $1 AND instance_id = $2 AND status IN ('queued', 'running')`,
    [
      sessionId,
      instanceId,
      outcome.status,
      outcome.databasesMeasured,
      outcome.failures.length,
      outcome.error?.code ?? null,
      outcome.error?.message ?? null,
      JSON.stringify(outcome.failures),
      JSON.stringify(outcome.warnings),
    ],
  );
}

/** Ends a session as its records say: all well, none well, or in between; `interrupted` where records are still open. */
export async function finishSession(pool: pg.Pool, sessionId: number): Promise<CollectionSession> {
  return inTransaction(pool, async (client) => {
    await client.query(
      `UPDATE collection_sessions AS s
       SET finished_at = clock_timestamp(), status = (
         SELECT CASE
           WHEN count(*) FILTER (WHERE r.status IN ('queued', 'running', 'interrupted')) > 0 THEN 'interrupted'
           WHEN count(*) FILTER (WHERE r.status <> 'succeeded') = 0 THEN 'succeeded'
           WHEN count(*) FILTER (WHERE r.status <> 'failed') = 0 THEN 'failed'
           ELSE 'partial'
         END
         FROM collection_records AS r
         WHERE r.session_id = s.id
       )
       WHERE s.id = $1 AND s.status = 'running'`,
      [sessionId],
    );
    await closeOpenRecords(client, sessionId);
    const session = await findSession(client, sessionId);
    if (session === null) throw new Error(`session ${sessionId} was removed while it ran`);
    return session;
  });
}

const sessionQuery = `
  SELECT s.id, s.trigger, s.status, s.started_at AS "startedAt", s.finished_at AS "finishedAt",
    jsonb_build_object(
      'total', count(r.id),
      'succeeded', count(*) FILTER (WHERE r.status = 'succeeded'),
      'partial', count(*) FILTER (WHERE r.status = 'partial'),
      'failed', count(*) FILTER (WHERE r.status IN ('failed', 'interrupted'))
    ) AS instances,
    coalesce(sum(r.databases_measured), 0)::int AS "databasesMeasured",
    coalesce(sum(r.databases_failed), 0)::int AS "databasesFailed"
  FROM collection_sessions AS s
  LEFT JOIN collection_records AS r ON r.session_id = s.id`;

export async function findSession(client: Queryable, id: number): Promise<CollectionSession | null> {
  const { rows } = await client.query<CollectionSession>(`${sessionQuery} WHERE s.id = $1 GROUP BY s.id`, [id]);
  return rows[0] ?? null;
}

/** The newest session, running or not. */
export async function findLastSession(client: Queryable): Promise<CollectionSession | null> {
  const { rows } = await client.query<CollectionSession>(
    `${sessionQuery} WHERE s.id = (SELECT max(id) FROM collection_sessions) GROUP BY s.id`,
  );
  return rows[0] ?? null;
}

/** How an instance fared when it was last collected, and when that last went well. */
export interface CollectionState {
  readonly instanceName: string;
  readonly engine: string;
  readonly succeeded: boolean;
  readonly durationSeconds: number;
  readonly lastSuccessAt: Date | null;
}

/** Active instances whose collection has finished at least once. A partial one counts as a success: it stored something. */
export async function readCollectionStates(client: Queryable): Promise<CollectionState[]> {
  const { rows } = await client.query<CollectionState>(
    `SELECT i.name AS "instanceName", i.engine, last.status IN ('succeeded', 'partial') AS succeeded,
       extract(epoch FROM last.finished_at - coalesce(last.started_at, last.finished_at))::float8 AS "durationSeconds",
       success.finished_at AS "lastSuccessAt"
     FROM instances AS i
     CROSS JOIN LATERAL (
       SELECT status, started_at, finished_at
       FROM collection_records
       WHERE instance_id = i.id AND finished_at IS NOT NULL
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
     WHERE i.is_active
     ORDER BY i.name`,
  );
  return rows;
}
