import type { FleetFilter } from './fleet-filter.ts';
import type { Line } from './lines.ts';

/** What is drawn: sizes in bytes, or how many databases there are. */
export type Measure = 'size' | 'data' | 'log' | 'database_count';

/** What sizes can be added up over. */
export type SumGroup = 'fleet' | 'engine' | 'owner' | 'label' | 'instance';

export interface SeriesQuery {
  readonly fleet: FleetFilter;
  /** Only databases of these names. */
  readonly databaseNames?: readonly string[] | undefined;
  /** YYYY-MM-DD, both included. */
  readonly startDate: string;
  readonly endDate: string;
  readonly measure: Measure;
  readonly groupBy: SumGroup | 'database';
  /** With `label`: which one. */
  readonly labelKey: string | null;
  /** How many groups are told apart; the others are summed up. */
  readonly top: number;
}

/** One line of a chart. */
export interface Series extends Line {
  /** Null where the group has no name: no owner, no such label, the fleet, all others. */
  readonly group: string | null;
  readonly instanceId: number | null;
  readonly instanceName: string | null;
  readonly databaseName: string | null;
  /** The sum of all groups beyond `top`. */
  readonly isOther: boolean;
}
