import type pg from 'pg';
import type { Finding } from '../engines/engine.ts';
import { inTransaction, lockInTransaction, type Queryable } from './pool.ts';

/** What is stored of a demonstration. */
export interface DemonstrationState {
  /** Days are YYYY-MM-DD. */
  readonly firstDay: string;
  readonly lastDay: string;
}

/** The demonstration that the repository holds, or null. */
export async function findDemonstration(client: Queryable, timezone: string): Promise<DemonstrationState | null> {
  const { rows } = await client.query<{ firstDay: string | null; lastDay: string | null }>(
    `SELECT (min(i.created_at) AT TIME ZONE $1)::date AS "firstDay",
       (SELECT max(l.collected_date)
        FROM database_latest AS l
        JOIN instances AS i ON i.id = l.instance_id
        WHERE i.source = 'demonstration') AS "lastDay"
     FROM instances AS i
     WHERE source = 'demonstration'`,
    [timezone],
  );
  const { firstDay = null, lastDay = null } = rows[0] ?? {};
  if (firstDay === null) return null;
  return { firstDay, lastDay: lastDay ?? '' };
}

/** Names of instances that were not made for a demonstration: they are real, but for the embedded repository. */
export async function listRealInstances(client: Queryable): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM instances WHERE source NOT IN ('demonstration', 'embedded') ORDER BY name`,
  );
  return rows.map((row) => row.name);
}

/**
 * Sets since when demonstration instances are there, which is from when everything is counted, and what their servers say of
 * themselves.
 */
export async function describeDemonstration(
  client: Queryable,
  instances: readonly { readonly id: number; readonly serverVersion: string }[],
  since: Date,
): Promise<void> {
  await client.query(
    `UPDATE instances AS i
     SET created_at = $3, server_version = row.version
     FROM unnest($1::int[], $2::text[]) AS row (id, version)
     WHERE i.id = row.id`,
    [instances.map(({ id }) => id), instances.map(({ serverVersion }) => serverVersion), since],
  );
}

/** How one instance fared in a night of the past. */
export interface PastRecord {
  readonly instanceId: number;
  /** The tick of the schedule: one session each. */
  readonly dueAt: Date;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly status: 'succeeded' | 'partial' | 'failed';
  readonly databasesMeasured: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly failures: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** Writes collections of the past, one session for each tick of the schedule. Can be repeated: what is there stays as it is. */
export async function importCollections(pool: pg.Pool, records: readonly PastRecord[]): Promise<void> {
  await inTransaction(pool, async (client) => {
    await lockInTransaction(client, 'demonstration');
    await client.query(
      `CREATE TEMP TABLE past_records ON COMMIT DROP AS
       SELECT *
       FROM unnest(
         $1::int[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::int[], $7::int[], $8::text[],
         $9::text[], $10::jsonb[], $11::jsonb[]
       ) AS row (instance_id, due_at, started_at, finished_at, status, databases_measured, databases_failed, error_code,
         error_message, failures, warnings)`,
      [
        records.map((record) => record.instanceId),
        records.map((record) => record.dueAt),
        records.map((record) => record.startedAt),
        records.map((record) => record.finishedAt),
        records.map((record) => record.status),
        records.map((record) => record.databasesMeasured),
        records.map((record) => record.failures.length),
        records.map((record) => record.error?.code ?? null),
        records.map((record) => record.error?.message ?? null),
        records.map((record) => JSON.stringify(record.failures)),
        records.map((record) => JSON.stringify(record.warnings)),
      ],
    );
    await client.query(`
      INSERT INTO collection_sessions (trigger, status, due_at, started_at, finished_at)
      SELECT 'schedule', 'succeeded', due_at, due_at, max(finished_at)
      FROM past_records
      GROUP BY due_at
      ORDER BY due_at
      ON CONFLICT (due_at) DO NOTHING`);
    await client.query(`
      INSERT INTO collection_records (session_id, instance_id, status, attempt, exporter, started_at, finished_at,
        measure_milliseconds, databases_measured, databases_failed, error_code, error_message, failures, warnings)
      SELECT s.id, p.instance_id, p.status, 1, 'demonstration', p.started_at, p.finished_at,
        extract(milliseconds FROM p.finished_at - p.started_at)::int, p.databases_measured, p.databases_failed,
        p.error_code, p.error_message, p.failures, p.warnings
      FROM past_records AS p
      JOIN collection_sessions AS s ON s.due_at = p.due_at
      ORDER BY s.id, p.instance_id
      ON CONFLICT (session_id, instance_id) DO NOTHING`);
    // The session of a tick may be a real one, of the instances that are.
    await client.query(`
      UPDATE collection_sessions AS s
      SET status = ended.status
      FROM (
        SELECT r.session_id,
          CASE
            WHEN bool_and(r.status IN ('succeeded', 'skipped')) THEN 'succeeded'
            WHEN bool_or(r.status IN ('succeeded', 'partial')) THEN 'partial'
            ELSE 'failed'
          END AS status
        FROM collection_records AS r
        JOIN collection_sessions AS s ON s.id = r.session_id
        WHERE s.due_at IN (SELECT due_at FROM past_records) AND s.status IN ('succeeded', 'partial', 'failed')
        GROUP BY r.session_id
      ) AS ended
      WHERE s.id = ended.session_id AND s.status <> ended.status`);
    await client.query(`
      INSERT INTO job_runs (job, due_at, started_at, finished_at, succeeded, message)
      SELECT 'collect', s.due_at, s.started_at, s.finished_at, s.status <> 'failed', 'session ' || s.id || ': ' || s.status
      FROM collection_sessions AS s
      WHERE s.due_at IN (SELECT due_at FROM past_records) AND s.finished_at IS NOT NULL
      ON CONFLICT DO NOTHING`);
  });
}
