import type { Queryable } from './pool.ts';

/** Up to where the changes are known to a reader. Opaque; read with it, they come once each. */
export interface ChangePosition {
  /** Transactions below this one had ended when we looked: whatever they changed is known. */
  readonly horizon: string;
  /** Changes of later transactions that are known already. */
  readonly known: ReadonlySet<number>;
  /** When we looked, by the clock of the repository. */
  readonly lookedAt: Date;
}

export interface StateChanges {
  readonly position: ChangePosition;
  /** Whether there was any change. */
  readonly any: boolean;
  /** Instances that were added, changed, measured, or removed; null: all may be. */
  readonly instanceIds: readonly number[] | null;
}

/** How long changes are kept for those who look seldom, in hours. */
const keptHours = 2;

/**
 * What changed since a reader last looked, by whichever exporter. Sees the change of a transaction as soon as it sees the
 * transaction, also where those that began later end earlier: it looks again at all that was not over the last time.
 * @param since null: this is the first look
 */
export async function readStateChanges(client: Queryable, since: ChangePosition | null): Promise<StateChanges> {
  const { rows } = await client.query<{
    horizon: string;
    now: Date;
    ids: number[] | null;
    instances: (number | null)[] | null;
  }>(
    `SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon, now() AS now, c.ids, c.instances
     FROM (
       SELECT array_agg(id::float8) AS ids, array_agg(instance_id) AS instances
       FROM state_changes
       WHERE transaction_id >= coalesce($1::text::xid8, pg_snapshot_xmin(pg_current_snapshot()))
     ) AS c`,
    [since?.horizon ?? null],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the repository did not say what has changed');
  const position = { horizon: row.horizon, known: new Set(row.ids ?? []), lookedAt: row.now };
  if (since === null || isUseless(since, position)) return { position, any: true, instanceIds: null };
  const instanceIds = new Set<number>();
  let any = false;
  row.ids?.forEach((id, index) => {
    if (since.known.has(id)) return;
    any = true;
    const instanceId = row.instances?.[index];
    if (instanceId != null) instanceIds.add(instanceId);
  });
  return { position, any, instanceIds: [...instanceIds] };
}

/** Changes since then may be gone, or the repository is another one than it was: one that was restored from a backup. */
function isUseless(since: ChangePosition, now: ChangePosition): boolean {
  const age = now.lookedAt.getTime() - since.lookedAt.getTime();
  return age > (keptHours - 1) * 3_600_000 || BigInt(now.horizon) < BigInt(since.horizon);
}

/** Removes what every reader has seen or can no longer ask for. */
export async function forgetStateChanges(client: Queryable): Promise<void> {
  await client.query(`DELETE FROM state_changes WHERE changed_at < now() - interval '${keptHours} hours'`);
}
