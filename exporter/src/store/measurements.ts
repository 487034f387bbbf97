import type { DatabaseMeasurement, Method } from '../engines/engine.ts';
import type { Queryable } from './pool.ts';

/** What one run found on one instance. */
export interface MeasuredInstance {
  readonly instanceId: number;
  /** The day in the configured time zone, YYYY-MM-DD. */
  readonly collectedDate: string;
  readonly collectedAt: Date;
  readonly databases: readonly DatabaseMeasurement[];
  /** Names that the server listed and that could not be measured: they are not gone. */
  readonly unmeasured: readonly string[];
}

/**
 * Writes what was measured in one statement, all or nothing: history, latest state, and which days are to be condensed anew. A
 * second run on the same day updates the day's rows; databases that the server no longer lists are marked as gone. Several
 * instances at a time take a third of the work of one statement each.
 */
export async function saveMeasurements(client: Queryable, runs: readonly MeasuredInstance[]): Promise<void> {
  for (const round of roundsOf(runs)) await client.query(saveStatement, parametersOf(round));
}

/** A statement cannot write a row twice: of an instance that was measured twice, the second run waits for the next round. */
export function* roundsOf<T extends { readonly instanceId: number }>(runs: readonly T[]): Generator<readonly T[]> {
  for (let left = runs; left.length > 0;) {
    const round = new Map<number, T>();
    for (const run of left) if (!round.has(run.instanceId)) round.set(run.instanceId, run);
    yield [...round.values()];
    left = left.filter((run) => round.get(run.instanceId) !== run);
  }
}

function parametersOf(runs: readonly MeasuredInstance[]): unknown[] {
  // In one order, so that two exporters with the same instances never wait for each other.
  const ordered = [...runs].sort((one, other) => one.instanceId - other.instanceId);
  const rows = ordered.flatMap((run) => run.databases.map((database) => ({ ...database, instanceId: run.instanceId })));
  const unmeasured = ordered.flatMap((run) => run.unmeasured.map((name) => ({ name, instanceId: run.instanceId })));
  return [
    ordered.map((run) => run.instanceId),
    ordered.map((run) => run.collectedDate),
    ordered.map((run) => run.collectedAt),
    rows.map((row) => row.instanceId),
    rows.map((row) => row.databaseName),
    rows.map((row) => row.sizeBytes),
    rows.map((row) => row.dataBytes),
    rows.map((row) => row.logBytes),
    rows.map((row) => row.indexBytes),
    rows.map((row) => row.tempBytes),
    rows.map((row) => row.usedBytes),
    rows.map((row) => row.limitBytes),
    rows.map((row) => row.method),
    unmeasured.map((row) => row.instanceId),
    unmeasured.map((row) => row.name),
  ];
}

/** The columns of a measurement, as tables and statements list them. */
export const sizeColumns = [
  'size_bytes',
  'data_bytes',
  'log_bytes',
  'index_bytes',
  'temp_bytes',
  'used_bytes',
  'limit_bytes',
  'method',
];
export const measurementColumns = [
  ...['instance_id', 'database_name', 'collected_date', 'collected_at'],
  ...sizeColumns,
].join(', ');
export const measurementUpdates = ['collected_at', ...sizeColumns]
  .map((column) => `${column} = excluded.${column}`)
  .join(', ');

/** What is there already is not written again: an import that is repeated takes half the time. */
export function isNew(stored: string): string {
  const columns = (table: string): string =>
    ['collected_at', ...sizeColumns].map((name) => `${table}.${name}`).join(', ');
  return `(${columns(stored)}) IS DISTINCT FROM (${columns('excluded')})`;
}

// A database that goes or comes back changes what is said of the period of its last measurement: its day is marked as well.
// What arrives late never takes the place of what was measured after it, on the same day neither. OFFSET 0 keeps the planner from
// reading the latest states of the whole fleet for a few instances.
const saveStatement = `
  WITH runs AS MATERIALIZED (
    SELECT * FROM unnest($1::int[], $2::date[], $3::timestamptz[]) AS run (instance_id, collected_date, collected_at)
  ),
  measured AS MATERIALIZED (
    SELECT ${measurementColumns}
    FROM unnest(
      $4::int[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
      $12::bigint[], $13::text[]
    ) AS row (instance_id, database_name, ${sizeColumns.join(', ')})
    JOIN runs USING (instance_id)
    ORDER BY instance_id, database_name COLLATE "C"
  ),
  history AS (
    INSERT INTO database_size_stats AS stored (${measurementColumns})
    SELECT ${measurementColumns} FROM measured
    ON CONFLICT (instance_id, database_name, collected_date) DO UPDATE SET ${measurementUpdates}
    WHERE excluded.collected_at >= stored.collected_at AND ${isNew('stored')}
  ),
  others AS (
    SELECT l.instance_id, l.database_name, r.collected_date AS run_date, l.gone_since, u.name IS NOT NULL AS is_listed
    FROM runs AS r
    CROSS JOIN LATERAL (
      SELECT * FROM database_latest AS l WHERE l.instance_id = r.instance_id AND l.collected_at < r.collected_at OFFSET 0
    ) AS l
    LEFT JOIN unnest($14::int[], $15::text[]) AS u (instance_id, name)
      ON u.instance_id = l.instance_id AND u.name = l.database_name
    WHERE NOT EXISTS (
      SELECT FROM measured AS m WHERE m.instance_id = l.instance_id AND m.database_name = l.database_name
    )
  ),
  unlisted AS (
    UPDATE database_latest AS l
    SET gone_since = CASE WHEN o.is_listed THEN NULL ELSE o.run_date END
    FROM others AS o
    WHERE l.instance_id = o.instance_id AND l.database_name = o.database_name AND (o.gone_since IS NULL) <> o.is_listed
    RETURNING l.instance_id, l.collected_date
  ),
  changes AS (
    INSERT INTO measurement_changes (instance_id, collected_date)
    SELECT instance_id, collected_date FROM unlisted
    UNION
    SELECT l.instance_id, l.collected_date
    FROM measured AS m
    JOIN database_latest AS l ON l.instance_id = m.instance_id AND l.database_name = m.database_name
    WHERE l.gone_since IS NOT NULL
    UNION
    SELECT instance_id, collected_date FROM runs
  )
  INSERT INTO database_latest (${measurementColumns}, first_seen_date)
  SELECT ${measurementColumns}, collected_date FROM measured
  ON CONFLICT (instance_id, database_name) DO UPDATE
  SET ${measurementUpdates}, collected_date = excluded.collected_date, gone_since = NULL
  WHERE excluded.collected_at >= database_latest.collected_at`;

/** One row of the history. */
export interface HistoryRow {
  readonly databaseName: string;
  readonly collectedDate: string;
  readonly collectedAt: Date;
  readonly sizeBytes: number;
  readonly dataBytes: number | null;
  readonly logBytes: number | null;
  readonly method: Method;
}

/** A part of an instance's history; null means "no bound". Days are YYYY-MM-DD, both ends included. */
export interface HistoryRange {
  readonly instanceId: number;
  readonly startDate: string | null;
  readonly endDate: string | null;
  readonly databaseName: string | null;
}

/** The condition that `rangeParameters` fills: bounds that are always there let the planner skip partitions. */
const rangeCondition = `instance_id = $1
  AND collected_date BETWEEN coalesce($2::date, '-infinity') AND coalesce($3::date, 'infinity')
  AND ($4::text IS NULL OR database_name = $4)`;

function rangeParameters(range: HistoryRange): unknown[] {
  return [range.instanceId, range.startDate, range.endDate, range.databaseName];
}

/** Ordered by database and day. */
export async function readHistory(client: Queryable, range: HistoryRange): Promise<HistoryRow[]> {
  const { rows } = await client.query<HistoryRow>(
    `SELECT database_name AS "databaseName", collected_date AS "collectedDate", collected_at AS "collectedAt",
       size_bytes AS "sizeBytes", data_bytes AS "dataBytes", log_bytes AS "logBytes", method
     FROM database_size_stats
     WHERE ${rangeCondition}
     ORDER BY database_name, collected_date`,
    rangeParameters(range),
  );
  return rows;
}

/** The last measurement of a database that is there, with what names its instance. */
export interface LatestRow {
  readonly instanceId: number;
  readonly instanceName: string;
  readonly engine: string;
  readonly databaseName: string;
  readonly sizeBytes: number;
  readonly logBytes: number | null;
  readonly indexBytes: number | null;
  readonly tempBytes: number | null;
  readonly usedBytes: number | null;
  readonly limitBytes: number | null;
}

/**
 * The latest state of every database that is there, on active instances.
 * @param instanceIds null: of all of them
 */
export async function readLatest(
  client: Queryable,
  instanceIds: readonly number[] | null = null,
): Promise<LatestRow[]> {
  const { rows } = await client.query<LatestRow>(
    `SELECT i.id AS "instanceId", i.name AS "instanceName", i.engine, l.database_name AS "databaseName",
       l.size_bytes AS "sizeBytes", l.log_bytes AS "logBytes", l.index_bytes AS "indexBytes", l.temp_bytes AS "tempBytes",
       l.used_bytes AS "usedBytes", l.limit_bytes AS "limitBytes"
     FROM database_latest AS l
     JOIN instances AS i ON i.id = l.instance_id
     WHERE l.gone_since IS NULL AND i.is_active AND ($1::int[] IS NULL OR i.id = ANY ($1))
     ORDER BY i.name, l.database_name`,
    [instanceIds],
  );
  return rows;
}
