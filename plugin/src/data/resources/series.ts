import type { TidemarkClient } from '../client';
import type { Day, DayRange, FleetFilters } from '../common';

export type SeriesMeasure = 'size' | 'data' | 'log' | 'database_count';
export type SeriesGroup = 'fleet' | 'engine' | 'owner' | 'label' | 'instance' | 'database';

/** A line of a chart, in columns. */
export interface Series {
  /** Null where the group has no name: no owner, no such label, the fleet. */
  readonly group: string | null;
  readonly instance_id: number | null;
  readonly instance_name: string | null;
  readonly database_name: string | null;
  /** The groups beyond the largest ones, added up. */
  readonly other: boolean;
  readonly t: readonly Day[];
  readonly values: readonly (number | null)[];
}

export interface SeriesQuery extends FleetFilters, DayRange {
  readonly database_name?: readonly string[] | undefined;
  readonly measure?: SeriesMeasure | undefined;
  readonly group_by?: SeriesGroup | undefined;
  /** The key, with `group_by: 'label'`. */
  readonly group_label?: string | undefined;
  /** At most so many points a line, 1000 unless said; minimum and maximum of each bucket are kept. */
  readonly points?: number | undefined;
  /** How many of the largest groups get a line of their own: 1 to 200, 20 unless said. */
  readonly top?: number | undefined;
}

export const listSeries = (client: TidemarkClient, query: SeriesQuery, signal?: AbortSignal) =>
  client.get<readonly Series[]>('/series', { ...query }, signal);
