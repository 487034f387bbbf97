import type { DataQuery } from '@grafana/schema';

import { defaultQueries, defaultVariableQuery } from './defaults';
import { queryVersion, type QueryFilters, type QueryType, type TidemarkQuery, type VariableQuery } from './types';

type Saved = DataQuery & Readonly<Record<string, unknown>>;

/**
 * The steps from one version to the next, by the version that they start from. Version 0 is what has none: queries
 * written by hand into a provisioned dashboard, and those that Grafana makes with only a `refId`.
 */
const steps: Readonly<Record<number, (query: Saved) => Saved>> = {
  0: (query) => ({ ...query, filters: listsOf(query.filters), version: 1 }),
};

/**
 * Brings a saved query to today's shape: missing parts get their defaults, parts of other types go.
 * @throws Error for a query of a later version of this plugin
 */
export function migrateQuery(saved: DataQuery): TidemarkQuery {
  const query = stepped(saved as Saved);
  const type: QueryType = isQueryType(query.queryType) ? query.queryType : 'series';
  return { ...withDefaults(defaultQueries[type], query), queryType: type } as unknown as TidemarkQuery;
}

/** @throws Error for a query of a later version of this plugin */
export function migrateVariableQuery(saved: DataQuery): VariableQuery {
  return withDefaults(defaultVariableQuery, stepped(saved as Saved)) as unknown as VariableQuery;
}

function stepped(saved: Saved): Saved {
  let query = saved;
  let version = typeof saved.version === 'number' ? saved.version : 0;
  if (version > queryVersion) {
    throw new Error(
      `This query was made with a later version of the Tidemark data source (${version}, this one knows ${queryVersion}). Update the plugin.`,
    );
  }
  for (; version < queryVersion; version += 1) query = steps[version]?.(query) ?? query;
  return query;
}

/** Parts that every query may have, whatever its type. */
const partsOfGrafana = ['refId', 'hide', 'key', 'datasource'] as const;
/** Parts that have no default because most queries go without them. */
const optionalParts = ['groupLabel'] as const;

function withDefaults(defaults: object, query: Saved): Record<string, unknown> {
  const result: Record<string, unknown> = { ...defaults };
  for (const name of [...Object.keys(defaults), ...optionalParts, ...partsOfGrafana]) {
    if (query[name] !== undefined) result[name] = query[name];
  }
  return result;
}

function isQueryType(type: unknown): type is QueryType {
  return typeof type === 'string' && Object.hasOwn(defaultQueries, type);
}

/** A hand-written filter may be a single text. */
function listsOf(filters: unknown): QueryFilters {
  if (typeof filters !== 'object' || filters === null) return {};
  return Object.fromEntries(
    Object.entries(filters).map(([kind, value]) => [kind, Array.isArray(value) ? value.map(String) : [String(value)]]),
  );
}
