import type { Queryable } from './pool.ts';

/** A sign of life of an exporter that measures. */
export async function saveSignOfLife(
  client: Queryable,
  exporter: { readonly name: string; readonly role: string; readonly version: string },
): Promise<void> {
  await client.query(
    `INSERT INTO exporters (name, role, version, seen_at)
     VALUES ($1, $2, $3, clock_timestamp())
     ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at`,
    [exporter.name, exporter.role, exporter.version],
  );
}

/** Removes an exporter that has stopped. */
export async function removeExporter(client: Queryable, name: string): Promise<void> {
  await client.query('DELETE FROM exporters WHERE name = $1', [name]);
}

/** Removes those that nobody has heard of for a day: they were killed. */
export async function forgetSilentExporters(client: Queryable): Promise<void> {
  await client.query(`DELETE FROM exporters WHERE seen_at < now() - interval '1 day'`);
}

/** Whether some exporter measures what is enqueued. */
export async function isAnyoneMeasuring(client: Queryable, leaseMilliseconds: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM exporters WHERE seen_at > clock_timestamp() - $1 * interval '1 millisecond' LIMIT 1`,
    [leaseMilliseconds],
  );
  return rowCount === 1;
}
