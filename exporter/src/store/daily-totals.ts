import type { Queryable } from './pool.ts';

type TotalsGroup = 'fleet' | 'instance' | 'owner' | 'label' | 'engine';

/** The total of a group on one day. */
export interface DailyTotal {
  readonly group: string | null;
  readonly day: string;
  readonly sizeBytes: number;
  readonly databaseCount: number;
  /** How many instances were measured on that day: a dip of the total may be one of these. */
  readonly instanceCount: number;
}

const groups: Readonly<Record<TotalsGroup, string>> = {
  fleet: 'NULL::text',
  instance: 'i.name',
  owner: 'i.owner',
  label: 'i.labels ->> $4',
  engine: 'i.engine',
};

/** Totals per group and day from the stored totals of the instances, ordered by group and day. Days are YYYY-MM-DD, both included. */
export async function readDailyTotals(
  client: Queryable,
  query: {
    readonly startDate: string;
    readonly endDate: string;
    readonly instanceId: number | null;
    readonly groupBy: TotalsGroup;
    readonly labelKey: string | null;
    /** The owner whose instances there are; null or left out: all. */
    readonly visibleTo?: string | null;
  },
): Promise<DailyTotal[]> {
  const { rows } = await client.query<DailyTotal>(
    `SELECT ${groups[query.groupBy]} AS "group", t.collected_date AS day, sum(t.size_bytes)::bigint AS "sizeBytes",
       sum(t.database_count)::int AS "databaseCount", count(*)::int AS "instanceCount"
     FROM instance_daily_totals AS t
     JOIN instances AS i ON i.id = t.instance_id
     WHERE t.collected_date BETWEEN $1 AND $2 AND ($3::int IS NULL OR t.instance_id = $3)
       AND ($4::text IS NULL OR $4 IS NOT NULL) AND ($5::text IS NULL OR i.owner = $5)
     GROUP BY 1, 2
     ORDER BY 1, 2`,
    [query.startDate, query.endDate, query.instanceId, query.labelKey, query.visibleTo ?? null],
  );
  return rows;
}
