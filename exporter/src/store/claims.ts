import type pg from 'pg';
import { fromRow, instanceColumns, type Instance, type InstanceRow } from './instances.ts';
import { inTransaction, lockInTransaction, type Queryable } from './pool.ts';
import type { Queue, TakenEntry } from './queue.ts';
import { lockedRecords, type QueuedInstance, type RecordOutcome } from './records.ts';
import { finishSessions, type Trigger } from './sessions.ts';

/** An instance of a run that this exporter measures. */
export interface Claim {
  readonly queueJobId: string;
  readonly sessionId: number;
  readonly trigger: Trigger;
  /** Somebody asked for this instance by its name. */
  readonly isNamed: boolean;
  readonly instance: Instance;
  /** Tells us from an exporter that takes the instance over. */
  readonly attempt: number;
  readonly retriesLeft: number;
  /** What measuring it took before this time, be it that it went well or that a deadline ended it. */
  readonly lastCost: { readonly milliseconds: number; readonly finishedAt: Date } | null;
}

export interface ClaimOptions {
  readonly count: number;
  readonly exporter: string;
  readonly leaseMilliseconds: number;
  /** Connections to one host, from all exporters together. */
  readonly connectionsPerHost: number;
}

/** Seconds until an instance whose host is busy is looked at again. */
const busyHostDelaySeconds = 0.5;

/**
 * Takes instances from the queue, each with a record that runs under a lease. Entry and record change in one transaction:
 * what is taken has an owner, and what has an owner is taken.
 */
export async function claimInstances(pool: pg.Pool, queue: Queue, options: ClaimOptions): Promise<Claim[]> {
  for (;;) {
    const { claims, stale } = await inTransaction(pool, (client) => takeSome(client, queue, options));
    // A run that was cancelled leaves nothing else: those who wait behind it are not to wait for each handful.
    if (claims.length > 0 || stale === 0) return claims;
  }
}

async function takeSome(
  client: pg.PoolClient,
  queue: Queue,
  options: ClaimOptions,
): Promise<{ readonly claims: Claim[]; readonly stale: number }> {
  const taken = await queue.take<QueuedInstance>(client, 'tidemark-instances', options.count);
  if (taken.length === 0) return { claims: [], stale: 0 };
  const { free, busy } = await splitByHost(client, taken, options.connectionsPerHost);
  await putBack(client, queue, busy, busyHostDelaySeconds);
  const claims = await startRecords(client, free, options);
  const started = new Set(claims.map((claim) => claim.queueJobId));
  // What was cancelled or removed meanwhile has no record to start.
  const stale = free.filter((entry) => !started.has(entry.id)).map((entry) => entry.id);
  await queue.remove(client, 'tidemark-instances', stale);
  return { claims, stale: stale.length };
}

/** Which of the entries may start without going over the limit of a host. */
async function splitByHost(
  client: pg.PoolClient,
  taken: readonly TakenEntry<QueuedInstance>[],
  limit: number,
): Promise<{ free: TakenEntry<QueuedInstance>[]; busy: TakenEntry<QueuedInstance>[] }> {
  // A host with no more instances than it may have connections needs no counting, and no exporter to wait for another.
  const { rows: crowded } = await client.query<{ instanceId: number; host: string }>(
    `WITH taken AS MATERIALIZED (
       SELECT id, host FROM instances WHERE id = ANY ($1::int[])
     ),
     crowded AS MATERIALIZED (
       SELECT h.host
       FROM (SELECT DISTINCT host FROM taken) AS h
       WHERE (SELECT count(*) FROM instances AS i WHERE i.host = h.host AND i.is_active) > $2
     )
     SELECT id AS "instanceId", host
     FROM taken
     JOIN crowded USING (host)`,
    [taken.map((entry) => entry.data.instanceId), limit],
  );
  if (crowded.length === 0) return { free: [...taken], busy: [] };
  await lockInTransaction(client, 'hosts');
  const { rows } = await client.query<{ host: string; count: number }>(
    `SELECT i.host, count(*) AS count
     FROM collection_records AS r
     JOIN instances AS i ON i.id = r.instance_id
     WHERE r.status = 'running' AND i.host = ANY ($1::text[])
     GROUP BY i.host`,
    [crowded.map((row) => row.host)],
  );
  const hosts = new Map(crowded.map(({ instanceId, host }) => [instanceId, host]));
  const left = new Map(crowded.map(({ host }) => [host, limit]));
  for (const { host, count } of rows) left.set(host, limit - count);
  const free: TakenEntry<QueuedInstance>[] = [];
  const busy: TakenEntry<QueuedInstance>[] = [];
  for (const entry of taken) {
    const host = hosts.get(entry.data.instanceId);
    const room = host === undefined ? Infinity : (left.get(host) ?? 0);
    if (host !== undefined && room > 0) left.set(host, room - 1);
    (room > 0 ? free : busy).push(entry);
  }
  return { free, busy };
}

/** Removes entries and inserts them anew, with their records pointing at the new ones. */
async function putBack(
  client: pg.PoolClient,
  queue: Queue,
  entries: readonly TakenEntry<QueuedInstance>[],
  startAfterSeconds: number,
): Promise<void> {
  if (entries.length === 0) return;
  const ids = entries.map((entry) => entry.id);
  const { rows } = await client.query<{ before: string; id: string }>(
    `WITH locked AS MATERIALIZED (${lockedRecords('queue_job_id = ANY ($1::uuid[])')}),
     taken AS MATERIALIZED (
       SELECT id, queue_job_id, gen_random_uuid() AS new_id FROM locked
     )
     UPDATE collection_records AS r
     SET queue_job_id = t.new_id
     FROM taken AS t
     WHERE r.id = t.id
     RETURNING t.queue_job_id AS before, t.new_id AS id`,
    [ids],
  );
  await queue.remove(client, 'tidemark-instances', ids);
  const again = rows.flatMap(({ before, id }) => {
    const entry = entries.find((candidate) => candidate.id === before);
    if (entry === undefined) return [];
    const { data, retriesLeft: retryLimit, priority } = entry;
    return [{ id, data, retryLimit, priority, startAfterSeconds }];
  });
  await queue.insert(client, 'tidemark-instances', again);
}

type StartedRow = Omit<Claim, 'instance'> & InstanceRow;

async function startRecords(
  client: pg.PoolClient,
  entries: readonly TakenEntry<QueuedInstance>[],
  options: ClaimOptions,
): Promise<Claim[]> {
  const { rows } = await client.query<StartedRow>(
    `WITH locked AS MATERIALIZED (${lockedRecords("queue_job_id = ANY ($1::uuid[]) AND status = 'queued'")}),
     started AS (
       UPDATE collection_records AS r
       SET status = 'running', attempt = r.attempt + 1, exporter = $2, started_at = clock_timestamp(),
         lease_expires_at = clock_timestamp() + $3 * interval '1 millisecond', retries_left = e.retries_left
       FROM locked AS l, collection_sessions AS s, unnest($1::uuid[], $4::int[]) AS e (id, retries_left)
       WHERE r.id = l.id AND e.id = l.queue_job_id AND s.id = r.session_id AND s.status = 'running'
         AND s.cancel_requested_at IS NULL
       RETURNING r.queue_job_id, r.session_id, r.instance_id, r.attempt, r.is_named, r.retries_left, s.trigger
     )
     SELECT r.queue_job_id AS "queueJobId", r.session_id AS "sessionId", r.attempt, r.trigger, r.is_named AS "isNamed",
       r.retries_left AS "retriesLeft", (
         SELECT jsonb_build_object('milliseconds', p.measure_milliseconds, 'finishedAt', p.finished_at)
         FROM collection_records AS p
         WHERE p.instance_id = r.instance_id AND p.measure_milliseconds IS NOT NULL AND p.finished_at IS NOT NULL
         ORDER BY p.session_id DESC
         LIMIT 1
       ) AS "lastCost", ${instanceColumns}
     FROM started AS r
     JOIN instances AS i ON i.id = r.instance_id
     LEFT JOIN credentials AS c ON c.id = i.credential_id`,
    [
      entries.map((entry) => entry.id),
      options.exporter,
      options.leaseMilliseconds,
      entries.map((entry) => entry.retriesLeft),
    ],
  );
  return rows.map(({ queueJobId, sessionId, attempt, trigger, isNamed, retriesLeft, lastCost, ...instance }) => ({
    ...{ queueJobId, sessionId, attempt, trigger, isNamed, retriesLeft },
    lastCost: lastCost === null ? null : { ...lastCost, finishedAt: new Date(lastCost.finishedAt) },
    instance: fromRow(instance),
  }));
}

/** What became of a claim whose lease was to be renewed. */
export interface RenewedClaim {
  readonly queueJobId: string;
  /** Somebody cancelled its session. */
  readonly cancelled: boolean;
}

/** Whether somebody has asked for the instance by its name, also since it was claimed. */
export async function isNamedBySomebody(client: Queryable, { queueJobId }: Claim): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM collection_records WHERE queue_job_id = $1 AND is_named', [
    queueJobId,
  ]);
  return rowCount === 1;
}

/** Signs of life for all claims of an exporter. @returns those that are still its own */
export async function renewClaims(
  client: Queryable,
  claims: readonly Claim[],
  leaseMilliseconds: number,
): Promise<RenewedClaim[]> {
  if (claims.length === 0) return [];
  const { rows } = await client.query<RenewedClaim>(
    `WITH locked AS MATERIALIZED (${lockedRecords("queue_job_id = ANY ($1::uuid[]) AND status = 'running'")})
     UPDATE collection_records AS r
     SET lease_expires_at = clock_timestamp() + $2 * interval '1 millisecond'
     FROM locked AS l, collection_sessions AS s
     WHERE r.id = l.id AND s.id = r.session_id
     RETURNING r.queue_job_id AS "queueJobId", s.cancel_requested_at IS NOT NULL AS cancelled`,
    [claims.map((claim) => claim.queueJobId), leaseMilliseconds],
  );
  return rows;
}

/** How often an instance may take its exporter down with it before it is given up. */
const mostAttempts = 20;

/** Puts the instances of dead exporters back into the queue, for whoever has room. @returns how many there were */
export async function requeueAbandonedClaims(pool: pg.Pool, queue: Queue): Promise<number> {
  return inTransaction(pool, (client) => requeue(client, queue, `r.lease_expires_at < clock_timestamp()`, []));
}

/** Gives up claims in order, for others to take at once. */
export async function releaseClaims(pool: pg.Pool, queue: Queue, claims: readonly Claim[]): Promise<void> {
  if (claims.length === 0) return;
  const ids = claims.map((claim) => claim.queueJobId);
  await inTransaction(pool, (client) => requeue(client, queue, 'r.queue_job_id = ANY ($1::uuid[])', [ids]));
}

async function requeue(
  client: pg.PoolClient,
  queue: Queue,
  condition: string,
  parameters: readonly unknown[],
): Promise<number> {
  const { rows } = await client.query<QueuedInstance & { before: string; id: string | null; retriesLeft: number }>(
    `WITH abandoned AS (
       SELECT r.id, r.queue_job_id, CASE WHEN r.attempt < ${mostAttempts} THEN gen_random_uuid() END AS new_id
       FROM collection_records AS r
       WHERE r.status = 'running' AND ${condition}
       FOR UPDATE SKIP LOCKED
     )
     UPDATE collection_records AS r
     SET status = CASE
         WHEN a.new_id IS NOT NULL THEN 'queued'
         WHEN r.databases_measured > 0 THEN 'partial'
         ELSE 'interrupted'
       END,
       queue_job_id = a.new_id,
       lease_expires_at = NULL, exporter = NULL,
       finished_at = CASE WHEN a.new_id IS NULL THEN clock_timestamp() END,
       error_code = CASE WHEN a.new_id IS NULL THEN 'interrupted' END,
       error_message = CASE WHEN a.new_id IS NULL
         THEN 'given up: ${mostAttempts} times an exporter ended before what it had measured was stored' END
     FROM abandoned AS a
     WHERE r.id = a.id
     RETURNING a.queue_job_id AS before, a.new_id AS id, r.session_id AS "sessionId", r.instance_id AS "instanceId",
       r.retries_left AS "retriesLeft"`,
    [...parameters],
  );
  if (rows.length === 0) return 0;
  await queue.remove(
    client,
    'tidemark-instances',
    rows.map((row) => row.before),
  );
  const entries = rows.flatMap(({ id, sessionId, instanceId, retriesLeft: retryLimit }) =>
    id === null ? [] : [{ id, data: { sessionId, instanceId }, retryLimit, priority: 1 }],
  );
  await queue.insert(client, 'tidemark-instances', entries);
  await finishSessions(client, [...new Set(rows.filter((row) => row.id === null).map((row) => row.sessionId))]);
  return rows.length;
}

/** A claim and how it ended. */
export interface EndedClaim {
  readonly claim: Claim;
  readonly outcome: RecordOutcome;
  /** Null: it was not measured. */
  readonly measureMilliseconds: number | null;
  /** A passing fault: tried again while retries are left. */
  readonly again: boolean;
}

/**
 * Ends claims: records, queue, and the sessions whose last records these were. What an earlier attempt has measured counts,
 * also where the last one failed or was left out.
 * @returns the sessions that ended
 */
export async function endClaims(client: pg.PoolClient, queue: Queue, ended: readonly EndedClaim[]): Promise<number[]> {
  const { rows } = await client.query<{ queueJobId: string; sessionId: number; again: boolean }>(
    `WITH locked AS MATERIALIZED (${lockedRecords("queue_job_id = ANY ($13::uuid[]) AND status = 'running'")})
     UPDATE collection_records AS r
     SET status = CASE
         WHEN e.again THEN 'queued'
         WHEN e.status IN ('failed', 'skipped', 'cancelled') AND r.databases_measured > 0 THEN 'partial'
         ELSE e.status
       END,
       finished_at = CASE WHEN NOT e.again THEN clock_timestamp() END,
       queue_job_id = CASE WHEN e.again THEN r.queue_job_id END,
       lease_expires_at = NULL, databases_measured = greatest(e.measured, r.databases_measured),
       databases_failed = e.failed, error_code = e.code, error_message = e.message, failures = e.failures, warnings = e.warnings,
       measure_milliseconds = e.milliseconds
     FROM locked AS l, unnest(
       $1::bigint[], $2::int[], $3::int[], $4::text[], $5::boolean[], $6::int[], $7::int[], $8::text[], $9::text[],
       $10::jsonb[], $11::jsonb[], $12::int[], $13::uuid[]
     ) AS e (
       session_id, instance_id, attempt, status, again, measured, failed, code, message, failures, warnings, milliseconds,
       entry
     )
     WHERE r.id = l.id AND e.entry = l.queue_job_id
       AND r.session_id = e.session_id AND r.instance_id = e.instance_id AND r.attempt = e.attempt
     RETURNING e.entry AS "queueJobId", r.session_id AS "sessionId", e.again`,
    [
      ended.map(({ claim }) => claim.sessionId),
      ended.map(({ claim }) => claim.instance.id),
      ended.map(({ claim }) => claim.attempt),
      ended.map(({ outcome }) => outcome.status),
      ended.map(({ again }) => again),
      ended.map(({ outcome }) => outcome.databasesMeasured),
      ended.map(({ outcome }) => outcome.failures.length),
      ended.map(({ outcome }) => outcome.error?.code ?? null),
      ended.map(({ outcome }) => outcome.error?.message ?? null),
      ended.map(({ outcome }) => JSON.stringify(outcome.failures)),
      ended.map(({ outcome }) => JSON.stringify(outcome.warnings)),
      ended.map(({ measureMilliseconds }) => measureMilliseconds),
      ended.map(({ claim }) => claim.queueJobId),
    ],
  );
  await queue.retry(
    client,
    'tidemark-instances',
    rows.filter((row) => row.again).map((row) => row.queueJobId),
  );
  const over = rows.filter((row) => !row.again);
  await queue.remove(
    client,
    'tidemark-instances',
    over.map((row) => row.queueJobId),
  );
  return finishSessions(client, await withoutQueue(client, [...new Set(over.map((row) => row.sessionId))]));
}

/**
 * Those of the sessions that have no queued record left. Where there is one, somebody will end it later and look again: so most
 * ends need no lock on the session, which would make exporters wait for each other's commits.
 */
async function withoutQueue(client: pg.PoolClient, sessionIds: readonly number[]): Promise<number[]> {
  if (sessionIds.length === 0) return [];
  const { rows } = await client.query<{ id: number }>(
    `SELECT id
     FROM unnest($1::bigint[]) AS session (id)
     WHERE NOT EXISTS (SELECT FROM collection_records AS r WHERE r.session_id = session.id AND r.status = 'queued')`,
    [sessionIds],
  );
  return rows.map((row) => row.id);
}
