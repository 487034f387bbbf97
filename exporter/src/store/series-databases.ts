import { readHistoryFloor } from './aggregation-backlog.ts';
import { emptyLine, readDatabaseLines, type DatabaseKey, type Line } from './lines.ts';
import { addDays } from './periods.ts';
import type { Queryable } from './pool.ts';
import type { Series, SeriesQuery } from './series-query.ts';
import { historyValue, largestGroups, others, patience, readGroups, Sums, type Group } from './series-sums.ts';
import { readTotalSeries, type SumQuery } from './series-totals.ts';

export type DatabaseQuery = Omit<SeriesQuery, 'fleet' | 'groupBy'> & Pick<SumQuery, 'instanceIds'>;

interface Database extends DatabaseKey {
  readonly instanceName: string;
  readonly goneSince: string | null;
}

/** A database with its days, those shortly before the range included: they stand for the first ones that were not measured. */
type KnownDatabase = Database & Line;

/** One series for each of the largest databases by their latest size; the rest as what they leave of the sum. */
export async function readDatabaseSeries(client: Queryable, asked: DatabaseQuery): Promise<Series[]> {
  const query = await withinHistory(client, asked);
  const { databases, total } = await listDatabases(client, query, query.top);
  const known = await withLines(client, query, databases);
  const series = known.flatMap((database): Series[] => {
    const { instanceId, instanceName, databaseName } = database;
    const line = startingAt(query.startDate, database);
    if (line.days.length === 0) return [];
    return [{ group: databaseName, instanceId, instanceName, databaseName, isOther: false, ...line }];
  });
  if (total <= databases.length) return series;
  const fleet = { ...query, groupBy: 'fleet', labelKey: null } as const;
  const [sum] = await (query.databaseNames === undefined
    ? readTotalSeries(client, fleet)
    : readNamedSeries(client, fleet));
  if (sum === undefined) return series;
  const spreads = known.map((database) => spread(sum.days, database));
  const values = sum.values.map((value, day) =>
    value === null ? null : Math.max(0, value - spreads.reduce((bytes, line) => bytes + (line[day] ?? 0), 0)),
  );
  return [...series, { ...sum, isOther: true, values }];
}

/** Sums over databases of certain names by group and day, the largest group first. */
export async function readNamedSeries(
  client: Queryable,
  asked: DatabaseQuery & Pick<SumQuery, 'groupBy'>,
): Promise<Series[]> {
  const query = await withinHistory(client, asked);
  const groups = await readGroups(client, query.groupBy, query.labelKey, query.instanceIds);
  const { databases } = await listDatabases(client, query, null);
  const known = await withLines(client, query, databases);
  const measured = known.flatMap((database) => startingAt(query.startDate, database).days);
  const days = [...new Set(measured)].sort();
  const lines = known.map((database) => spread(days, database));
  const sizes = new Map<Group, number>();
  known.forEach(({ instanceId }, index) => {
    const group = groups.get(instanceId);
    if (group !== undefined) sizes.set(group, (sizes.get(group) ?? 0) + (lines[index]?.at(-1) ?? 0));
  });
  const shown = largestGroups(groups.values(), sizes, query.top);
  const sums = new Sums();
  known.forEach((database, index) => {
    const group = groups.get(database.instanceId);
    if (group === undefined) return;
    const place = shown.has(group) ? group : others;
    // An instance by itself has no value on a day on which it was not measured.
    const own = query.groupBy === 'instance' && place !== others ? new Set(database.days) : null;
    days.forEach((day, number) => {
      const value = lines[index]?.[number];
      if (value !== undefined && own?.has(day) !== false) sums.add(place, day, value);
    });
  });
  return sums.series(shown);
}

/** Before the retention's last cut there is no complete history any more, and what is left of a sum would look like a fall. */
async function withinHistory<Query extends DatabaseQuery>(client: Queryable, query: Query): Promise<Query> {
  const floor = await readHistoryFloor(client);
  return floor !== null && floor > query.startDate ? { ...query, startDate: floor } : query;
}

/** Those that were there at some time of the range, the largest first, and how many there are in all. */
async function listDatabases(
  client: Queryable,
  query: DatabaseQuery,
  limit: number | null,
): Promise<{ databases: Database[]; total: number }> {
  const latest = query.measure === 'database_count' ? 'size' : query.measure;
  const { rows } = await client.query<Database & { total: number }>(
    `SELECT i.id AS "instanceId", i.name AS "instanceName", l.database_name AS "databaseName", l.gone_since AS "goneSince",
       count(*) OVER () AS total
     FROM database_latest AS l
     JOIN instances AS i ON i.id = l.instance_id
     WHERE ($1::int[] IS NULL OR i.id = ANY ($1)) AND l.collected_date >= $2::date - ${patience} AND l.first_seen_date <= $3
       AND ($4::text[] IS NULL OR l.database_name = ANY ($4))
     ORDER BY l.${latest}_bytes DESC NULLS LAST, i.name, l.database_name
     LIMIT $5`,
    [query.instanceIds, query.startDate, query.endDate, query.databaseNames ?? null, limit],
  );
  return { databases: rows, total: rows[0]?.total ?? 0 };
}

async function withLines(
  client: Queryable,
  { startDate, endDate, measure }: DatabaseQuery,
  databases: readonly Database[],
): Promise<KnownDatabase[]> {
  const range = { startDate: addDays(startDate, -patience), endDate };
  const lines = await readDatabaseLines(client, databases, range, historyValue(measure));
  return databases.map((database, index) => ({ ...database, ...(lines[index] ?? emptyLine) }));
}

function startingAt(startDate: string, { days, values }: Line): Line {
  const first = days.findIndex((day) => day >= startDate);
  return first === -1 ? emptyLine : { days: days.slice(first), values: values.slice(first) };
}

const millisecondsPerDay = 86_400_000;

/** A line over all days: a value stands for the days after it that were not measured, as long as the database is there. */
function spread(axis: readonly string[], { days, values, goneSince }: KnownDatabase): (number | null | undefined)[] {
  let next = 0;
  return axis.map((day) => {
    while ((days[next] ?? '9999') <= day) next += 1;
    const last = days[next - 1];
    if (last === undefined || (goneSince !== null && day >= goneSince)) return undefined;
    const age = (Date.parse(day) - Date.parse(last)) / millisecondsPerDay;
    return age > patience ? undefined : values[next - 1];
  });
}
