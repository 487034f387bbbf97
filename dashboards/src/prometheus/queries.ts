import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import {
  AnnotationQueryBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
  type AnnotationQuery,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';

/** The data source that provisioning makes. */
export const prometheus = { type: 'prometheus', uid: 'prometheus' };

/** Over the range of the dashboard. */
export function range(expression: string, legend = '', refId = 'A'): cog.Builder<cog.Dataquery> {
  return new DataqueryBuilder()
    .expr(expression)
    .legendFormat(legend)
    .refId(refId)
    .range()
    .datasource(prometheus)
    .format(PromQueryFormat.TimeSeries);
}

/** At the end of the range; as rows where a table shows it. */
export function instant(expression: string, legend = '', refId = 'A'): cog.Builder<cog.Dataquery> {
  return new DataqueryBuilder()
    .expr(expression)
    .legendFormat(legend)
    .refId(refId)
    .instant()
    .datasource(prometheus)
    .format(PromQueryFormat.Table);
}

const chosen = 'engine=~"$engine", db_instance=~"$instance"';

/** A metric of the chosen part of the fleet, once, however many exporters are scraped. */
export function once(metric: string, by: string, more = ''): string {
  return `max by (${by}) (${metric}{${chosen}${more === '' ? '' : `, ${more}`}})`;
}

const parts = 'db_instance, engine, database, type';

/** The size of each chosen database by kind. */
export const sizes = `${once('tidemark_database_size_bytes', parts)} and on (db_instance) (tidemark_instance_info{owner=~"$owner"})`;

function variable(name: string, label: string, expression: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(prometheus)
    .query({ query: expression, refId: `variable-${name}` })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
}

function several(builder: QueryVariableBuilder): QueryVariableBuilder {
  return builder
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: ['All'], value: ['$__all'] });
}

export function fleetVariables(): cog.Builder<VariableModel>[] {
  const info = 'tidemark_instance_info';
  return [
    several(variable('engine', 'Engine', `label_values(${info}, engine)`)),
    several(variable('owner', 'Owner', `label_values(${info}{engine=~"$engine"}, owner)`)),
    several(variable('instance', 'Instance', `label_values(${info}{engine=~"$engine", owner=~"$owner"}, db_instance)`)),
  ];
}

export function oneInstance(): cog.Builder<VariableModel> {
  return variable('instance', 'Instance', 'label_values(tidemark_instance_info, db_instance)');
}

export function itsDatabases(): cog.Builder<VariableModel> {
  return several(
    variable('database', 'Database', 'label_values(tidemark_database_size_bytes{db_instance="$instance"}, database)'),
  );
}

/** Marks where the last collection of an instance failed. */
export function failures(selector: string): cog.Builder<AnnotationQuery> {
  return new AnnotationQueryBuilder()
    .name('Collections that failed')
    .enable(false)
    .iconColor('red')
    .datasource(prometheus)
    .expr(`max by (db_instance) (tidemark_collection_success{${selector}}) == 0`)
    .titleFormat('{{db_instance}} could not be measured');
}
