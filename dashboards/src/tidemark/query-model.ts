// The part of the data source's query model that dashboards use. The plugin has the model itself (plugin/src/datasource/query);
// a test sends every query through it.

export interface Filters {
  readonly engine?: readonly string[];
  readonly owner?: readonly string[];
  readonly label?: readonly string[];
  readonly instance?: readonly string[];
  readonly database?: readonly string[];
}

export type EventKind = 'appeared' | 'vanished' | 'collection_failed' | 'step_up' | 'step_down';

export type VariableValues = 'engine' | 'owner' | 'label' | 'instance' | 'database';

type Group = 'fleet' | 'engine' | 'owner' | 'instance' | 'database';

/** A query as far as it differs from a new one of its type. */
export type DefaultQuery =
  | {
      readonly queryType: 'series';
      readonly measure?: 'size' | 'data' | 'log' | 'database_count';
      readonly groupBy: Group;
      readonly calculation?: 'value' | 'change' | 'daily_change' | 'growth_rate' | 'forecast';
      readonly top?: number;
      readonly horizonDays?: number;
      readonly legend?: string;
    }
  | { readonly queryType: 'databases'; readonly growthDays?: number; readonly limit?: number }
  | {
      readonly queryType: 'growth';
      readonly groupBy: Group;
      readonly growthDays?: number;
      readonly order?: 'growth' | 'shrink' | 'rate';
      readonly limit?: number;
    }
  | { readonly queryType: 'forecasts'; readonly withinDays?: number; readonly limit?: number }
  | {
      readonly queryType: 'collections';
      readonly show: 'sessions' | 'records';
      readonly status?: string;
      readonly limit?: number;
    }
  | {
      readonly queryType: 'storage';
      readonly scope: 'log' | 'tablespace' | 'volume';
      readonly show: 'latest' | 'history';
    };
