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
 * Writes the measurements of one instance in one statement: history, latest state, and which days are to be condensed anew.
 * A second run on the same day updates the day's rows; databases that the server no longer lists are marked as gone.
 */
export async function saveMeasurements(client: Queryable, measured: MeasuredInstance): Promise<void> {
  const { databases } = measured;
  await client.query(saveStatement, [
    measured.instanceId,
    measured.collectedDate,
    measured.collectedAt,
    databases.map((database) => database.databaseName),
    databases.map((database) => database.sizeBytes),
    databases.map((database) => database.dataBytes),
    databases.map((database) => database.logBytes),
    databases.map((database) => database.indexBytes),
    databases.map((database) => database.tempBytes),
    databases.map((database) => database.usedBytes),
    databases.map((database) => database.limitBytes),
    databases.map((database) => database.method),
    measured.unmeasured,
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
  WITH measured AS (
    SELECT $1::int AS instance_id, database_name, $2::date AS collected_date, $3::timestamptz AS collected_at,
      ${sizeColumns.join(', ')}
    FROM unnest(
      $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
      $12::text[]
    ) AS row (database_name, ${sizeColumns.join(', ')})
  ),
  history AS (
    INSERT INTO database_size_stats (${measurementColumns})
    SELECT ${measurementColumns} FROM measured
    ON CONFLICT (instance_id, database_name, collected_date) DO UPDATE SET ${measurementUpdates}
    WHERE excluded.collected_at >= database_size_stats.collected_at
  ),
  unlisted AS (
    UPDATE database_latest
    SET gone_since = CASE WHEN database_name = ANY ($13::text[]) THEN NULL ELSE $2::date END
    WHERE instance_id = $1 AND collected_at < $3 AND database_name <> ALL ($4::text[])
      AND (gone_since IS NULL) = (database_name <> ALL ($13::text[]))
    RETURNING collected_date
  ),
  changes AS (
    INSERT INTO measurement_changes (instance_id, collected_date)
    SELECT $1, collected_date FROM unlisted
    UNION
    SELECT $1, collected_date
    FROM database_latest
    WHERE instance_id = $1 AND gone_since IS NOT NULL AND database_name = ANY ($4::text[])
    UNION
    SELECT $1, $2::date
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
