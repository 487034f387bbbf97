import type { DataQuery } from '@grafana/schema';

import type { EventKind } from '../../data/resources/events';
import type { GrowthGroup, GrowthQuery as ApiGrowthQuery } from '../../data/resources/growth';
import type { SeriesGroup, SeriesMeasure } from '../../data/resources/series';
import type { StorageScope } from '../../data/resources/storage';

/** Of the shape below. Saved dashboards keep the version that they were made with; `migrateQuery` knows the way. */
export const queryVersion = 1;

/**
 * A part of the fleet. Within one kind any of the values, across kinds all of them. A value may be a variable
 * (`$owner`), also one with several values.
 */
export interface QueryFilters {
  readonly engine?: readonly string[];
  readonly owner?: readonly string[];
  /** `key=value` */
  readonly label?: readonly string[];
  /** Names or ids. */
  readonly instance?: readonly string[];
  readonly database?: readonly string[];
}

interface CommonQuery extends DataQuery {
  readonly version: typeof queryVersion;
  readonly filters: QueryFilters;
}

export type SeriesCalculation = 'value' | 'change' | 'daily_change' | 'growth_rate' | 'forecast';

/** Lines over time. */
export interface SeriesQuery extends CommonQuery {
  readonly queryType: 'series';
  readonly measure: SeriesMeasure;
  readonly groupBy: SeriesGroup;
  /** The key, with `groupBy: 'label'`. */
  readonly groupLabel?: string;
  readonly calculation: SeriesCalculation;
  /** How many of the largest groups get a line of their own. */
  readonly top: number;
  /** With `calculation: 'forecast'`: how far ahead. */
  readonly horizonDays: number;
  /** `{{group}}`, `{{instance}}`, `{{database}}`; empty names lines by what tells them apart. */
  readonly legend: string;
}

/** The latest state of databases, a table. */
export interface DatabasesQuery extends CommonQuery {
  readonly queryType: 'databases';
  readonly search: string;
  readonly includeGone: boolean;
  /** Null is the range of the dashboard. */
  readonly growthDays: number | null;
  readonly limit: number;
}

/** What grew most, a table. */
export interface GrowthQuery extends CommonQuery {
  readonly queryType: 'growth';
  readonly groupBy: GrowthGroup;
  readonly groupLabel?: string;
  /** Null is the range of the dashboard. */
  readonly growthDays: number | null;
  readonly order: NonNullable<ApiGrowthQuery['order']>;
  readonly limit: number;
}

/** When databases are full, a table. */
export interface ForecastsQuery extends CommonQuery {
  readonly queryType: 'forecasts';
  /** Only those full within so many days; null is all. */
  readonly withinDays: number | null;
  readonly limit: number;
}

/** Runs over the fleet, or what each instance gave in the latest one, a table. */
export interface CollectionsQuery extends CommonQuery {
  readonly queryType: 'collections';
  readonly show: 'sessions' | 'records';
  /** A status of the API; empty is all. */
  readonly status: string;
  readonly limit: number;
}

/** Logs, tablespaces and volumes of one instance: the latest as a table, or lines over time. */
export interface StorageQuery extends CommonQuery {
  readonly queryType: 'storage';
  readonly scope: StorageScope;
  readonly show: 'latest' | 'history';
}

/** What happened, for annotations. */
export interface EventsQuery extends CommonQuery {
  readonly queryType: 'events';
  readonly kinds: readonly EventKind[];
}

export type TidemarkQuery =
  SeriesQuery | DatabasesQuery | GrowthQuery | ForecastsQuery | CollectionsQuery | StorageQuery | EventsQuery;

export type QueryType = TidemarkQuery['queryType'];

/** The values of a dashboard's variable. */
export interface VariableQuery extends DataQuery {
  readonly version: typeof queryVersion;
  readonly values: 'engine' | 'owner' | 'label' | 'instance' | 'database';
  /** With `values: 'label'`. */
  readonly labelKey: string;
  readonly filters: QueryFilters;
}
