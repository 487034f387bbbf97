import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import {
  AnnotationQueryBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
  type AnnotationQuery,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { DefaultQuery, EventKind, Filters, VariableValues } from './query-model.ts';

/** The data source that provisioning makes. */
export const tidemark = { type: 'tidemark-storage-datasource', uid: 'tidemark' };

/** A query of the Tidemark data source; what is left out is as in a new query of its type. */
export function query(wanted: DefaultQuery & { readonly filters?: Filters }, refId = 'A'): cog.Builder<cog.Dataquery> {
  const built = {
    version: 1,
    filters: {},
    ...wanted,
    refId,
    datasource: tidemark,
    _implementsDataqueryVariant: () => undefined,
  };
  // A function is no part of what is saved.
  Object.defineProperty(built, '_implementsDataqueryVariant', { enumerable: false });
  return { build: () => built };
}

/** What the variables of the fleet leave of it. */
export const chosenFleet: Filters = { engine: ['$engine'], owner: ['$owner'], instance: ['$instance'] };

/** "All" is no filter at all: instances without an owner are in it too. */
const everything = '*';

function variable(name: string, label: string, values: VariableValues, filters: Filters = {}): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(tidemark)
    .query({ refId: `variable-${name}`, version: 1, values, labelKey: '', filters })
    .refresh(VariableRefresh.OnDashboardLoad)
    .sort(VariableSort.AlphabeticalAsc);
}

/** Any number of engines, owners and instances. */
export function fleetVariables(): cog.Builder<VariableModel>[] {
  const several = (builder: QueryVariableBuilder): QueryVariableBuilder =>
    builder
      .multi(true)
      .includeAll(true)
      .allValue(everything)
      .current({ text: ['All'], value: ['$__all'] });
  return [
    several(variable('engine', 'Engine', 'engine')),
    several(variable('owner', 'Owner', 'owner')),
    several(variable('instance', 'Instance', 'instance', { engine: ['$engine'], owner: ['$owner'] })),
  ];
}

/** Exactly one instance. */
export function oneInstance(): cog.Builder<VariableModel> {
  return variable('instance', 'Instance', 'instance');
}

/** Any number of the databases of the chosen instance. */
export function itsDatabases(): cog.Builder<VariableModel> {
  return variable('database', 'Database', 'database', { instance: ['$instance'] })
    .multi(true)
    .includeAll(true)
    .allValue(everything)
    .current({ text: ['All'], value: ['$__all'] });
}

/** Marks in the charts for what happened. */
export function events(
  name: string,
  color: string,
  kinds: readonly EventKind[],
  filters: Filters,
): cog.Builder<AnnotationQuery> {
  const target = { queryType: 'events', version: 1, kinds, filters, refId: name };
  return new AnnotationQueryBuilder()
    .name(name)
    .enable(true)
    .iconColor(color)
    .datasource(tidemark)
    .target({ build: () => target as never });
}
