import { addDays } from './periods.ts';
import type { Queryable } from './pool.ts';

export interface SizePointsQuery {
  /** The day in the configured time zone, YYYY-MM-DD. */
  readonly today: string;
  /** How far to look back. */
  readonly days: number;
  /** Null: of all active instances. */
  readonly instanceIds: readonly number[] | null;
  readonly databaseName: string | null;
}

/** A size on a day. */
export interface SizePoint {
  /** Days since the begin of the range. */
  readonly day: number;
  readonly sizeBytes: number;
}

/** A database that is there, with one size a week. */
export interface DatabasePoints {
  readonly instanceId: number;
  readonly instanceName: string;
  readonly engine: string;
  readonly owner: string | null;
  readonly databaseName: string;
  /** Of the last point. */
  readonly collectedAt: Date;
  readonly sizeBytes: number;
  readonly limitBytes: number | null;
  /** The day that the points count from, YYYY-MM-DD. */
  readonly fromDate: string;
  /** In the order of time, one a day at most. */
  readonly points: readonly SizePoint[];
}

/** Instances a statement: the fleet in one would hold up everything else in this process while its rows are read. */
const instancesPerStatement = 100;

const sizeMask = '9007199254740991';

/**
 * The sizes that tell where a database is going: its last one in each ISO week, the very first one of the range, and the
 * latest state. They come from the stored statistics of the weeks: a seventh of the daily rows, without what changes with the
 * day of the week, and they are there when the retention has removed the days.
 */
export async function* readSizePoints(client: Queryable, query: SizePointsQuery): AsyncGenerator<DatabasePoints[]> {
  const { rows: instances } = await client.query<{ id: number }>(
    'SELECT id FROM instances WHERE is_active AND ($1::int[] IS NULL OR id = ANY ($1)) ORDER BY id',
    [query.instanceIds],
  );
  const fromDate = addDays(query.today, -query.days);
  for (let next = 0; next < instances.length; next += instancesPerStatement) {
    const ids = instances.slice(next, next + instancesPerStatement).map(({ id }) => id);
    const { rows } = await client.query<PointsRow>(pointsStatement, [ids, fromDate, query.today, query.databaseName]);
    yield rows.map(({ days, sizes, firstDay, firstSize, lastDay, ...database }) => {
      const points = pointsOf(days, sizes);
      if (firstDay !== null && firstSize !== null) points.push({ day: firstDay, sizeBytes: firstSize });
      points.push({ day: lastDay, sizeBytes: database.sizeBytes });
      // The first and the latest may be the last ones of their weeks; the sort keeps the order of what is of one day.
      points.sort((one, other) => one.day - other.day);
      const usable = points.filter(({ day }, index) => day >= 0 && day <= lastDay && day !== points[index + 1]?.day);
      return { ...database, fromDate, points: usable };
    });
  }
}

function pointsOf(days: string | null, sizes: string | null): SizePoint[] {
  if (days === null || sizes === null) return [];
  const sizeTexts = sizes.split(',');
  return days.split(',').map((day, index) => ({ day: Number(day), sizeBytes: Number(sizeTexts[index]) }));
}

interface PointsRow extends Omit<DatabasePoints, 'fromDate' | 'points'> {
  readonly days: string | null;
  readonly sizes: string | null;
  readonly firstDay: number | null;
  readonly firstSize: number | null;
  readonly lastDay: number;
}

// Without an order of their own both lists have the order of the rows. Text is quicker to read than arrays. Day and size of the
// first row share one bigint, in which there is room for 1 023 days.
const pointsStatement = `
  WITH weeks AS (
    SELECT instance_id, database_name, string_agg((last_date - $2::date)::text, ',') AS days,
      string_agg(last_size_bytes::text, ',') AS sizes,
      min((first_date - $2::date)::bigint << 53 | first_size_bytes)
        FILTER (WHERE first_date BETWEEN $2::date AND $2::date + 1000) AS first
    FROM database_size_aggregations
    WHERE instance_id = ANY ($1::int[]) AND period_type = 'weekly'
      AND period_start BETWEEN date_trunc('week', $2::date::timestamp)::date AND $3::date
      AND ($4::text IS NULL OR database_name = $4)
    GROUP BY instance_id, database_name
  )
  SELECT i.id AS "instanceId", i.name AS "instanceName", i.engine, i.owner, l.database_name AS "databaseName",
    l.collected_at AS "collectedAt", l.size_bytes AS "sizeBytes", l.limit_bytes AS "limitBytes",
    l.collected_date - $2::date AS "lastDay", w.days, w.sizes, (w.first >> 53)::int AS "firstDay",
    w.first & ${sizeMask} AS "firstSize"
  FROM database_latest AS l
  JOIN instances AS i ON i.id = l.instance_id
  LEFT JOIN weeks AS w ON w.instance_id = l.instance_id AND w.database_name = l.database_name
  WHERE l.instance_id = ANY ($1::int[]) AND l.gone_since IS NULL AND l.collected_date >= $2::date
    AND ($4::text IS NULL OR l.database_name = $4)
  ORDER BY i.name, l.database_name`;
