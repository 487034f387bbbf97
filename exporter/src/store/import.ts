import type pg from 'pg';
import type { DatabaseMeasurement } from '../engines/engine.ts';
import { isNew, measurementColumns, measurementUpdates, sizeColumns } from './measurements.ts';
import { ensurePartitionsOf } from './partitions.ts';
import type { Queryable } from './pool.ts';

/** A measurement of any instance and day. */
export interface ImportedMeasurement extends DatabaseMeasurement {
  readonly instanceId: number;
  /** YYYY-MM-DD in the configured time zone. */
  readonly collectedDate: string;
  readonly collectedAt: Date;
}

const rowsPerStatement = 5000;
const connections = 4;

/**
 * Writes measurements of many instances and days at once, in any order, late ones too. The latest state follows; a database
 * without a row on a later day of its instance counts as gone from that day on. Each 5 000 rows are one transaction, several at
 * a time: after an error the import can simply be repeated.
 *
 * Rows of one instance and day should stand together: they are read together.
 */
export async function importMeasurements(pool: pg.Pool, rows: readonly ImportedMeasurement[]): Promise<void> {
  const days = new Set(rows.map((row) => row.collectedDate));
  await ensurePartitionsOf(pool, [...days]);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < rows.length) {
      const batch = rows.slice(next, next + rowsPerStatement);
      next += rowsPerStatement;
      await pool.query(importStatement, parametersOf(batch));
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  await pool.query(goneStatement, [[...new Set(rows.map((row) => row.instanceId))]]);
}

function parametersOf(batch: readonly ImportedMeasurement[]): unknown[] {
  return [
    batch.map((row) => row.instanceId),
    batch.map((row) => row.databaseName),
    batch.map((row) => row.collectedDate),
    batch.map((row) => row.collectedAt),
    batch.map((row) => row.sizeBytes),
    batch.map((row) => row.dataBytes),
    batch.map((row) => row.logBytes),
    batch.map((row) => row.indexBytes),
    batch.map((row) => row.tempBytes),
    batch.map((row) => row.usedBytes),
    batch.map((row) => row.limitBytes),
    batch.map((row) => row.method),
  ];
}

// The latest states are locked in the order of their key, so that statements at the same time cannot block each other.
const importStatement = `
  WITH measured AS MATERIALIZED (
    SELECT ${measurementColumns}
    FROM unnest(
      $1::int[], $2::text[], $3::date[], $4::timestamptz[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
      $9::bigint[], $10::bigint[], $11::bigint[], $12::text[]
    ) AS row (${measurementColumns})
  ),
  history AS (
    INSERT INTO database_size_stats AS stored (${measurementColumns})
    SELECT ${measurementColumns} FROM measured
    ON CONFLICT (instance_id, database_name, collected_date) DO UPDATE SET ${measurementUpdates}
    WHERE ${isNew('stored')}
  ),
  changes AS (
    INSERT INTO measurement_changes (instance_id, collected_date)
    SELECT DISTINCT instance_id, collected_date FROM measured
  ),
  newest AS (
    SELECT DISTINCT ON (instance_id, database_name) *,
      min(collected_date) OVER (PARTITION BY instance_id, database_name) AS first_seen_date
    FROM measured
    ORDER BY instance_id, database_name, collected_date DESC
  )
  INSERT INTO database_latest AS latest (${measurementColumns}, first_seen_date)
  SELECT ${measurementColumns}, first_seen_date FROM newest
  ON CONFLICT (instance_id, database_name) DO UPDATE
  SET first_seen_date = least(latest.first_seen_date, excluded.first_seen_date),
    ${['collected_date', 'collected_at', ...sizeColumns]
      .map(
        (column) =>
          `${column} = CASE WHEN excluded.collected_date >= latest.collected_date THEN excluded.${column} ELSE latest.${column} END`,
      )
      .join(',\n    ')}
  WHERE excluded.first_seen_date < latest.first_seen_date
    OR excluded.collected_date >= latest.collected_date AND ${isNew('latest')}`;

/** Says of every database of the given instances since when it is gone, by its last row and the days of its instance. */
const goneStatement = `
  WITH last_days AS (
    SELECT instance_id, max(collected_date) AS last_date
    FROM database_latest
    WHERE instance_id = ANY ($1::int[])
    GROUP BY instance_id
  ),
  ends AS (
    SELECT latest.instance_id, latest.database_name, latest.collected_date
    FROM database_latest AS latest
    JOIN last_days AS l ON l.instance_id = latest.instance_id
    WHERE latest.collected_date < l.last_date OR latest.gone_since IS NOT NULL
  ),
  days AS (
    SELECT DISTINCT s.instance_id, s.collected_date
    FROM database_size_stats AS s
    JOIN (
      SELECT instance_id, min(collected_date) AS since
      FROM ends
      GROUP BY instance_id
    ) AS endings ON endings.instance_id = s.instance_id AND s.collected_date > endings.since
  ),
  states AS (
    SELECT ends.instance_id, ends.database_name, min(days.collected_date) AS gone_since
    FROM ends
    LEFT JOIN days ON days.instance_id = ends.instance_id AND days.collected_date > ends.collected_date
    GROUP BY ends.instance_id, ends.database_name
  ),
  updated AS (
    UPDATE database_latest AS latest
    SET gone_since = states.gone_since
    FROM states
    WHERE latest.instance_id = states.instance_id AND latest.database_name = states.database_name
      AND latest.gone_since IS DISTINCT FROM states.gone_since
    RETURNING latest.instance_id, latest.collected_date
  )
  INSERT INTO measurement_changes (instance_id, collected_date)
  SELECT DISTINCT instance_id, collected_date FROM updated`;

/** Which databases of an instance have a row on which days, between two days, both included. */
export async function listMeasuredDays(
  client: Queryable,
  instanceId: number,
  fromDay: string,
  toDay: string,
): Promise<{ databaseName: string; collectedDate: string }[]> {
  const { rows } = await client.query<{ databaseName: string; collectedDate: string }>(
    `SELECT database_name AS "databaseName", collected_date AS "collectedDate"
     FROM database_size_stats
     WHERE instance_id = $1 AND collected_date BETWEEN $2 AND $3`,
    [instanceId, fromDay, toDay],
  );
  return rows;
}
