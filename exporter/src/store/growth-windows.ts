import { Parameters } from './fleet-filter.ts';
import { pastSizes, readPastDay } from './past-sizes.ts';
import { addDays } from './periods.ts';
import type { Queryable } from './pool.ts';

/** How much a database that is there has grown since some days ago. */
export interface WindowGrowth {
  readonly instanceId: number;
  readonly instanceName: string;
  readonly engine: string;
  readonly databaseName: string;
  /** In the order of the windows that were asked for; null where nothing was measured then. */
  readonly changeBytes: readonly (number | null)[];
}

/**
 * The change of every database that is there, on active instances, over several windows: the latest size less the size that
 * many days ago. One look at one day of the history per window, by the index on the day, whatever is between.
 * @param today the day in the configured time zone, YYYY-MM-DD
 * @param windows days; whole numbers
 * @param instanceIds null: of all active instances
 */
export async function readGrowthWindows(
  client: Queryable,
  today: string,
  windows: readonly number[],
  instanceIds: readonly number[] | null = null,
): Promise<WindowGrowth[]> {
  const parameters = new Parameters([instanceIds]);
  const pasts: { readonly name: string; readonly text: string }[] = [];
  for (const [index, window] of windows.entries()) {
    const past = await readPastDay(client, addDays(today, -window), instanceIds);
    pasts.push({ name: `past${index}`, text: pastSizes(past, instanceIds, parameters) });
  }
  const withPasts = pasts.map(({ name, text }) => `${name} AS (${text}\n)`).join(', ');
  const changes = pasts.map(({ name }, index) => `, l.size_bytes - ${name}.size_bytes AS change${index}`).join('');
  const joins = pasts.map(
    ({ name }) =>
      `LEFT JOIN ${name} ON ${name}.instance_id = l.instance_id AND ${name}.database_name = l.database_name`,
  );
  const { rows } = await client.query<Omit<WindowGrowth, 'changeBytes'> & Record<string, number | null>>(
    `${pasts.length === 0 ? '' : `WITH ${withPasts}`}
     SELECT i.id AS "instanceId", i.name AS "instanceName", i.engine, l.database_name AS "databaseName" ${changes}
     FROM database_latest AS l
     JOIN instances AS i ON i.id = l.instance_id
     ${joins.join('\n')}
     WHERE l.gone_since IS NULL AND i.is_active AND ($1::int[] IS NULL OR l.instance_id = ANY ($1))
     ORDER BY i.name, l.database_name`,
    parameters.values,
  );
  return rows.map(({ instanceId, instanceName, engine, databaseName, ...row }) => {
    const changeBytes = windows.map(
      (_window, index) => (row as Record<string, number | null>)[`change${index}`] ?? null,
    );
    return { instanceId, instanceName, engine, databaseName, changeBytes };
  });
}
