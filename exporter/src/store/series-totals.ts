import { lineColumns, lineOf, type LineText } from './lines.ts';
import { addDays } from './periods.ts';
import type { Queryable } from './pool.ts';
import type { Series, SeriesQuery, SumGroup } from './series-query.ts';
import { largestGroups, others, patience, readGroups, Sums, totalValue, type Group } from './series-sums.ts';

export type SumQuery = Omit<SeriesQuery, 'fleet' | 'groupBy' | 'databaseNames'> & {
  readonly groupBy: SumGroup;
  /** Null: all. */
  readonly instanceIds: readonly number[] | null;
};

/** Sums of the stored totals of instances by group and day, the largest group first. */
export async function readTotalSeries(client: Queryable, query: SumQuery): Promise<Series[]> {
  const { groupBy, labelKey, instanceIds, top } = query;
  const groups = await readGroups(client, groupBy, labelKey, instanceIds);
  const sizes = groupBy === 'fleet' ? new Map<Group, number>() : await lastSizes(client, query, groups);
  const shown = largestGroups(groups.values(), sizes, top);
  const placeOf = (group: Group) => (shown.has(group) ? group : others);
  const places = new Map([...groups].map(([id, group]) => [id, placeOf(group)]));
  const sums = await sumMeasured(client, query, places);
  // An instance by itself has no value on a day on which it was not measured.
  const filled = groupBy === 'instance' ? [...places].filter(([, place]) => place === others) : [...places];
  await addMissing(client, query, new Map(filled), sums);
  return sums.series(shown);
}

/** Of each group at the end of the range. */
async function lastSizes(
  client: Queryable,
  query: SumQuery,
  groups: ReadonlyMap<number, Group>,
): Promise<ReadonlyMap<Group, number>> {
  const { rows } = await client.query<{ id: number; value: number | null }>(
    `SELECT DISTINCT ON (t.instance_id) t.instance_id AS id, ${totalValue(query.measure)} AS value
     FROM instance_daily_totals AS t
     JOIN (
       SELECT max(collected_date) AS day
       FROM instance_daily_totals
       WHERE collected_date BETWEEN $2 AND $3 AND ($1::int[] IS NULL OR instance_id = ANY ($1))
     ) AS last ON t.collected_date BETWEEN last.day - ${patience} AND last.day
     WHERE $1::int[] IS NULL OR t.instance_id = ANY ($1)
     ORDER BY t.instance_id, t.collected_date DESC`,
    [query.instanceIds, query.startDate, query.endDate],
  );
  const sizes = new Map<Group, number>();
  for (const { id, value } of rows) {
    const group = groups.get(id);
    if (group !== undefined && value !== null) sizes.set(group, (sizes.get(group) ?? 0) + value);
  }
  return sizes;
}

async function sumMeasured(client: Queryable, query: SumQuery, places: ReadonlyMap<number, Group>): Promise<Sums> {
  const distinct = [...new Set(places.values())];
  const numbers = new Map(distinct.map((place, index) => [place, index]));
  const isAll = distinct.length === 1 && query.instanceIds === null;
  const { rows } = await client.query<LineText & { place: number }>(
    `SELECT place, ${lineColumns('day', 'value')}
     FROM (
       SELECT ${isAll ? '0' : 'm.place'} AS place, t.collected_date AS day, sum(${totalValue(query.measure)}) AS value
       FROM instance_daily_totals AS t
       ${isAll ? '' : 'JOIN unnest($3::int[], $4::int[]) AS m (instance_id, place) ON m.instance_id = t.instance_id'}
       WHERE t.collected_date BETWEEN $1 AND $2 AND ($5::int[] IS NULL OR t.instance_id = ANY ($5))
         AND ($3::int[] IS NULL OR $4::int[] IS NOT NULL)
       GROUP BY 1, 2
     ) AS summed
     GROUP BY place`,
    [
      query.startDate,
      query.endDate,
      isAll ? null : [...places.keys()],
      isAll ? null : [...places.values()].map((place) => numbers.get(place)),
      query.instanceIds,
    ],
  );
  const sums = new Sums();
  for (const row of rows) {
    const place = distinct[row.place] ?? others;
    const { days, values } = lineOf(row);
    days.forEach((day, index) => sums.add(place, day, values[index] ?? null));
  }
  return sums;
}

/** An instance and a day on which it was not measured, with the day that stands for it. */
interface Hole {
  readonly instanceId: number;
  readonly day: string;
  readonly source: string;
}

/** Adds the last size of instances that were not measured on a day, so that a failed collection is no fall of a sum. */
async function addMissing(
  client: Queryable,
  query: SumQuery,
  places: ReadonlyMap<number, Group>,
  sums: Sums,
): Promise<void> {
  const holes = await findHoles(client, query, places, sums.days());
  const { rows } = await client.query<{ value: number | null }>(
    `SELECT ${totalValue(query.measure)} AS value
     FROM unnest($1::int[], $2::date[]) WITH ORDINALITY AS hole (instance_id, day, position)
     JOIN instance_daily_totals AS t ON t.instance_id = hole.instance_id AND t.collected_date = hole.day
     ORDER BY hole.position`,
    [holes.map((hole) => hole.instanceId), holes.map((hole) => hole.source)],
  );
  holes.forEach(({ instanceId, day }, index) => {
    const place = places.get(instanceId);
    if (place !== undefined) sums.add(place, day, rows[index]?.value ?? null);
  });
}

/**
 * The days that an instance lacks, as far as one of the days before can stand for them. Which days it has comes as one string of
 * bits: that is a single pass over the totals, where looking at neighbours would sort all of them.
 */
async function findHoles(
  client: Queryable,
  { startDate, endDate, instanceIds }: SumQuery,
  places: ReadonlyMap<number, Group>,
  days: ReadonlySet<string>,
): Promise<Hole[]> {
  if (places.size === 0 || days.size === 0) return [];
  const first = addDays(startDate, -patience);
  const axis = daysFrom(first, endDate);
  const { rows } = await client.query<{ id: number; bits: string }>(
    `SELECT instance_id AS id, bit_or(set_bit($4::bit varying, collected_date - $2::date, 1)) AS bits
     FROM instance_daily_totals
     WHERE collected_date BETWEEN $2 AND $3 AND ($1::int[] IS NULL OR instance_id = ANY ($1))
     GROUP BY instance_id`,
    [instanceIds, first, endDate, '0'.repeat(axis.length)],
  );
  return rows.flatMap(({ id, bits }) => (places.has(id) ? holesOf(id, bits, axis, days) : []));
}

function holesOf(instanceId: number, bits: string, axis: readonly string[], days: ReadonlySet<string>): Hole[] {
  const holes: Hole[] = [];
  let last = bits.indexOf('1');
  for (let index = last + 1; index < bits.length; index += 1) {
    if (bits[index] === '1') last = index;
    const [day, source] = [axis[index], axis[last]];
    if (last === index || index - last > patience || day === undefined || source === undefined) continue;
    if (days.has(day)) holes.push({ instanceId, day, source });
  }
  return holes;
}

const millisecondsPerDay = 86_400_000;

function daysFrom(first: string, last: string): string[] {
  const days: string[] = [];
  for (let moment = Date.parse(first); moment <= Date.parse(last); moment += millisecondsPerDay) {
    days.push(new Date(moment).toISOString().slice(0, 10));
  }
  return days;
}
