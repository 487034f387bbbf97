import type pg from 'pg';
import { selectInstances } from './fleet-filter.ts';
import { readDatabaseSeries, readNamedSeries } from './series-databases.ts';
import type { Series, SeriesQuery } from './series-query.ts';
import { readTotalSeries } from './series-totals.ts';

/**
 * Sizes day by day, the largest group first. Sums come from the stored totals of the instances; only databases and sums of
 * named databases are read from the history, and only of those databases.
 *
 * An instance that was not measured on a day counts in a sum with its last size of the six days before, so that a failed
 * collection is no dip of the fleet. An instance or a database by itself has no value on such a day.
 */
export async function readSeries(pool: pg.Pool, query: SeriesQuery): Promise<Series[]> {
  const instanceIds = await selectInstances(pool, query.fleet);
  if (instanceIds?.length === 0) return [];
  const { groupBy } = query;
  if (groupBy === 'database') return readDatabaseSeries(pool, { ...query, instanceIds });
  if (query.databaseNames !== undefined) return readNamedSeries(pool, { ...query, groupBy, instanceIds });
  return readTotalSeries(pool, { ...query, groupBy, instanceIds });
}
