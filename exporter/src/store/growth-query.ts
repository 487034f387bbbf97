import type { FleetFilter } from './fleet-filter.ts';

/** What sizes are added up over. A label needs its key. */
export type GrowthGroup = 'database' | 'instance' | 'owner' | 'label' | 'engine' | 'fleet';

export interface GrowthQuery {
  /** The day in the configured time zone, YYYY-MM-DD. */
  readonly today: string;
  /** How far to look back. */
  readonly days: number;
  readonly groupBy: GrowthGroup;
  /** With `label`: which one. */
  readonly labelKey: string | null;
  readonly fleet: FleetFilter;
  readonly databaseName: string | null;
  /** `growth`, `shrink`: by bytes, the largest first. `rate`: by percent. */
  readonly order: 'growth' | 'shrink' | 'rate';
  readonly limit: number;
  readonly offset: number;
}

/** How much a group grew. Previous sizes are those of the same instances; what cannot be compared is in neither. */
export interface Growth {
  /** Null where the group has no name: no owner, no such label, the fleet. */
  readonly group: string | null;
  readonly instanceId: number | null;
  readonly instanceName: string | null;
  readonly databaseName: string | null;
  /** Now, new databases included. */
  readonly sizeBytes: number;
  /** Then, databases that are gone by now included; null where nothing of the group was measured then. */
  readonly previousSizeBytes: number | null;
  readonly changeBytes: number | null;
  /** Percent; null where there is nothing to compare with, or it was empty. */
  readonly growthRate: number | null;
  readonly databaseCount: number;
  /** Of databases that were not there then. */
  readonly newBytes: number;
  readonly newCount: number;
  /** Of databases that are gone by now. */
  readonly vanishedBytes: number;
  readonly vanishedCount: number;
  /** Of databases that are there and were not measured then, so that nothing can be said of them. */
  readonly incomparableBytes: number;
}
