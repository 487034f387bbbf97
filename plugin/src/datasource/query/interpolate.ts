import type { ScopedVars } from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';

import type { QueryFilters, TidemarkQuery, VariableQuery } from './types';

/** Between the values of a variable that has several. No name of a database can have it. */
const separator = '\u0000';

const joined = (value: unknown): string => (Array.isArray(value) ? value.join(separator) : String(value));

function replace(text: string, scopedVars: ScopedVars): string {
  return getTemplateSrv().replace(text, scopedVars);
}

/** What a variable's "All" is where it is to be no filter at all: an instance without an owner has none of all owners. */
const everything = '*';

/** Each value of a variable becomes a value of the filter; empty ones go, and those that mean everything. */
function replaceList(values: readonly string[], scopedVars: ScopedVars): string[] {
  return values
    .flatMap((value) => getTemplateSrv().replace(value, scopedVars, joined).split(separator))
    .filter((value) => value !== '' && value !== everything);
}

export function interpolateFilters(filters: QueryFilters, scopedVars: ScopedVars): QueryFilters {
  return Object.fromEntries(
    Object.entries(filters).map(([kind, values]: [string, readonly string[]]) => [
      kind,
      replaceList(values, scopedVars),
    ]),
  );
}

/** Puts the values of the dashboard's variables into a query. */
export function interpolateQuery<Query extends TidemarkQuery | VariableQuery>(
  query: Query,
  scopedVars: ScopedVars,
): Query {
  const texts = Object.fromEntries(
    (['groupLabel', 'search', 'legend', 'labelKey'] as const)
      .map((name) => [name, (query as unknown as Record<string, unknown>)[name]] as const)
      .filter((entry): entry is [(typeof entry)[0], string] => typeof entry[1] === 'string')
      .map(([name, text]) => [name, replace(text, scopedVars)]),
  );
  return { ...query, ...texts, filters: interpolateFilters(query.filters, scopedVars) };
}
