import { queryVersion, type QueryType, type TidemarkQuery, type VariableQuery } from './types';

type Defaults = { readonly [Type in QueryType]: Omit<Extract<TidemarkQuery, { queryType: Type }>, 'refId'> };

const common = { version: queryVersion, filters: {} } as const;

/** What a new query of each type asks. */
export const defaultQueries: Defaults = {
  series: {
    ...common,
    queryType: 'series',
    measure: 'size',
    groupBy: 'instance',
    calculation: 'value',
    top: 20,
    horizonDays: 180,
    legend: '',
  },
  databases: { ...common, queryType: 'databases', search: '', includeGone: false, growthDays: null, limit: 500 },
  growth: { ...common, queryType: 'growth', groupBy: 'database', growthDays: null, order: 'growth', limit: 20 },
  forecasts: { ...common, queryType: 'forecasts', withinDays: null, limit: 100 },
  collections: { ...common, queryType: 'collections', show: 'sessions', status: '', limit: 100 },
  storage: { ...common, queryType: 'storage', scope: 'volume', show: 'latest' },
  events: { ...common, queryType: 'events', kinds: ['collection_failed', 'appeared', 'vanished'] },
};

export const defaultVariableQuery: Omit<VariableQuery, 'refId'> = {
  version: queryVersion,
  values: 'instance',
  labelKey: '',
  filters: {},
};
