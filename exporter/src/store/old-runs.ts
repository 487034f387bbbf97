import type { Queryable } from './pool.ts';

/** Sessions that are removed with one statement: with a thousand instances each, a second of work. */
const mostAtOnce = 20;

/**
 * Removes runs that ended before a moment, with their records. What a record says of its instance as the last one that does,
 * when it was last tried and last measured, is kept with its session: the instance may have been away for long.
 * @returns how many sessions were removed
 */
export async function removeOldRuns(client: Queryable, before: Date, signal?: AbortSignal): Promise<number> {
  let removed = 0;
  for (;;) {
    signal?.throwIfAborted();
    const { rowCount } = await client.query(
      `DELETE FROM collection_sessions
       WHERE id IN (
         SELECT s.id
         FROM collection_sessions AS s
         WHERE s.finished_at < $1 AND NOT EXISTS (
           SELECT FROM collection_records AS r
           WHERE r.session_id = s.id AND (${isTheLast('r', tried)} OR ${isTheLast('r', measured)})
         )
         LIMIT ${mostAtOnce}
       )`,
      [before],
    );
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < mostAtOnce) return removed;
  }
}

const tried = "NOT IN ('skipped', 'cancelled')";
const measured = "IN ('succeeded', 'partial')";

/** Whether a record has one of these states, and no later one of its instance has. */
function isTheLast(record: string, states: string): string {
  return `${record}.status ${states} AND NOT EXISTS (
    SELECT FROM collection_records AS later
    WHERE later.instance_id = ${record}.instance_id AND later.session_id > ${record}.session_id AND later.status ${states}
      AND later.finished_at IS NOT NULL
  )`;
}
