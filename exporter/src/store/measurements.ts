import type pg from 'pg';
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
 * Writes the measurements of some instances, each only once among them, in one statement: history, latest state, and which days
 * are to be condensed anew. A second run on the same day updates the day's rows; databases that a server no longer lists are
 * marked as gone.
 */
export async function saveMeasurements(client: Queryable, measured: readonly MeasuredInstance[]): Promise<void> {
  // Column by column: a copy of each row with its instance would be the largest part of a run's memory.
  const column = <T>(pick: (database: DatabaseMeasurement, instance: MeasuredInstance) => T): T[] =>
    measured.flatMap((instance) => instance.databases.map((database) => pick(database, instance)));
  await client.query(saveStatement, [
    measured.map((instance) => instance.instanceId),
    measured.map((instance) => instance.collectedDate),
    measured.map((instance) => instance.collectedAt),
    column((_, instance) => instance.instanceId),
    column((database) => database.databaseName),
    column((database) => database.sizeBytes),
    column((database) => database.dataBytes),
    column((database) => database.logBytes),
    column((database) => database.indexBytes),
    column((database) => database.tempBytes),
    column((database) => database.usedBytes),
    column((database) => database.limitBytes),
    column((database) => database.method),
    measured.flatMap((instance) => instance.unmeasured.map(() => instance.instanceId)),
    measured.flatMap((instance) => instance.unmeasured),
  ]);
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

// A database that goes or comes back changes what is said of the period of its last measurement: its day is marked as well.
const saveStatement = `
  WITH instance AS MATERIALIZED (
    SELECT instance_id, collected_date, collected_at
    FROM unnest($1::int[], $2::date[], $3::timestamptz[]) AS row (instance_id, collected_date, collected_at)
  ),
  measured AS MATERIALIZED (
    SELECT ${measurementColumns}
    FROM unnest(
      $4::int[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
      $12::bigint[], $13::text[]
    ) AS row (instance_id, database_name, ${sizeColumns.join(', ')})
    JOIN instance USING (instance_id)
  ),
  history AS (
    INSERT INTO database_size_stats (${measurementColumns})
    SELECT ${measurementColumns} FROM measured
    ON CONFLICT (instance_id, database_name, collected_date) DO UPDATE SET ${measurementUpdates}
    WHERE excluded.collected_at >= database_size_stats.collected_at
  ),
  known AS MATERIALIZED (
    SELECT l.instance_id, l.database_name, l.gone_since, l.collected_date, i.collected_at AS seen_at, i.collected_date AS seen_date,
      (l.instance_id, l.database_name) IN (SELECT instance_id, database_name FROM measured) AS is_measured,
      (l.instance_id, l.database_name) IN (
        SELECT * FROM unnest($14::int[], $15::text[])
      ) AS is_listed
    FROM database_latest AS l
    JOIN instance AS i ON i.instance_id = l.instance_id AND i.collected_at > l.collected_at
  ),
  unlisted AS (
    UPDATE database_latest AS l
    SET gone_since = CASE WHEN NOT k.is_listed THEN k.seen_date END
    FROM known AS k
    WHERE l.instance_id = k.instance_id AND l.database_name = k.database_name AND l.collected_at < k.seen_at
      AND NOT k.is_measured AND (k.gone_since IS NULL) <> k.is_listed
    RETURNING l.instance_id, l.collected_date
  ),
  changes AS (
    INSERT INTO measurement_changes (instance_id, collected_date)
    SELECT instance_id, collected_date FROM unlisted
    UNION
    SELECT instance_id, collected_date FROM known WHERE gone_since IS NOT NULL AND is_measured
    UNION
    SELECT instance_id, collected_date FROM instance
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
  readonly instanceName: string;
  readonly engine: string;
  readonly databaseName: string;
  readonly sizeBytes: number;
  readonly logBytes: number | null;
  readonly indexBytes: number | null;
  readonly tempBytes: number | null;
}

/** The latest state of every database that is there, on active instances. */
export async function readLatest(pool: pg.Pool): Promise<LatestRow[]> {
  const { rows } = await pool.query<LatestRow>(
    `SELECT i.name AS "instanceName", i.engine, l.database_name AS "databaseName", l.size_bytes AS "sizeBytes",
       l.log_bytes AS "logBytes", l.index_bytes AS "indexBytes", l.temp_bytes AS "tempBytes"
     FROM database_latest AS l
     JOIN instances AS i ON i.id = l.instance_id
     WHERE l.gone_since IS NULL AND i.is_active
     ORDER BY i.name, l.database_name`,
  );
  return rows;
}
