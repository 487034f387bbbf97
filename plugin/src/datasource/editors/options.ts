import { t } from '@grafana/i18n';
import type { ComboboxOption } from '@grafana/ui';

import { getFacets } from '../../data/resources/service';
import { listDatabases } from '../../data/resources/databases';
import { listInstances } from '../../data/resources/instances';
import type { TidemarkDataSource } from '../DataSource';
import type { EventKind } from '../../data/resources/events';
import type { GrowthGroup } from '../../data/resources/growth';
import type { SeriesGroup, SeriesMeasure } from '../../data/resources/series';
import type { StorageScope } from '../../data/resources/storage';
import type { GrowthQuery, QueryFilters, QueryType, SeriesCalculation, VariableQuery } from '../query/types';

/** One choice a value, in the order that they are shown. Functions, because texts are known only after the start. */
type Choices<T extends string> = () => ComboboxOption<T>[];

export const queryTypes: Choices<Exclude<QueryType, 'events'>> = () => [
  { value: 'series', label: t('editor.type.series', 'Sizes over time') },
  { value: 'databases', label: t('editor.type.databases', 'Databases, latest') },
  { value: 'growth', label: t('editor.type.growth', 'Growth') },
  { value: 'forecasts', label: t('editor.type.forecasts', 'When they are full') },
  { value: 'collections', label: t('editor.type.collections', 'Collections') },
  { value: 'storage', label: t('editor.type.storage', 'Files and volumes') },
];

export const measures: Choices<SeriesMeasure> = () => [
  { value: 'size', label: t('editor.measure.size', 'Total size') },
  { value: 'data', label: t('editor.measure.data', 'Data') },
  { value: 'log', label: t('editor.measure.log', 'Log') },
  { value: 'database_count', label: t('editor.measure.count', 'Number of databases') },
];

export const seriesGroups: Choices<SeriesGroup> = () => [
  { value: 'fleet', label: t('editor.group.fleet', 'All together') },
  { value: 'engine', label: t('editor.group.engine', 'Engine') },
  { value: 'owner', label: t('editor.group.owner', 'Owner') },
  { value: 'label', label: t('editor.group.label', 'Label') },
  { value: 'instance', label: t('editor.group.instance', 'Instance') },
  { value: 'database', label: t('editor.group.database', 'Database') },
];

export const growthGroups: Choices<GrowthGroup> = () => seriesGroups();

export const calculations: Choices<SeriesCalculation> = () => [
  { value: 'value', label: t('editor.calculation.value', 'As measured') },
  {
    value: 'change',
    label: t('editor.calculation.change', 'Change'),
    description: t('editor.calculation.change-hint', 'Since the start of the range'),
  },
  {
    value: 'daily_change',
    label: t('editor.calculation.daily-change', 'Daily change'),
    description: t('editor.calculation.daily-change-hint', 'Against the day before'),
  },
  {
    value: 'growth_rate',
    label: t('editor.calculation.growth-rate', 'Growth in percent'),
    description: t('editor.calculation.growth-rate-hint', 'Since the start of the range'),
  },
  {
    value: 'forecast',
    label: t('editor.calculation.forecast', 'Forecast'),
    description: t('editor.calculation.forecast-hint', 'Of the databases of one instance'),
  },
];

export const growthOrders: Choices<GrowthQuery['order']> = () => [
  { value: 'growth', label: t('editor.order.growth', 'Grew most') },
  { value: 'shrink', label: t('editor.order.shrink', 'Shrank most') },
  { value: 'rate', label: t('editor.order.rate', 'Grew fastest in percent') },
];

export const storageScopes: Choices<StorageScope> = () => [
  { value: 'volume', label: t('editor.scope.volume', 'Volumes') },
  { value: 'tablespace', label: t('editor.scope.tablespace', 'Tablespaces') },
  { value: 'log', label: t('editor.scope.log', 'Logs') },
];

export const eventKinds: Choices<EventKind> = () => [
  { value: 'collection_failed', label: t('events.collection-failed', 'Collection failed') },
  { value: 'appeared', label: t('events.appeared', 'Database appeared') },
  { value: 'vanished', label: t('events.vanished', 'Database vanished') },
  { value: 'step_up', label: t('events.step-up', 'Sudden growth') },
  { value: 'step_down', label: t('events.step-down', 'Sudden shrinkage') },
];

export const variableValues: Choices<VariableQuery['values']> = () => [
  { value: 'engine', label: t('editor.values.engine', 'Engines') },
  { value: 'owner', label: t('editor.values.owner', 'Owners') },
  { value: 'label', label: t('editor.values.label', 'Values of a label') },
  { value: 'instance', label: t('editor.values.instance', 'Instances') },
  { value: 'database', label: t('editor.values.database', 'Databases') },
];

/** Values that the exporter has for a kind of filter, whose text holds what was typed. */
export async function filterOptions(
  { client }: TidemarkDataSource,
  kind: keyof QueryFilters,
  typed: string,
): Promise<ComboboxOption[]> {
  const has = (text: string) => text.toLowerCase().includes(typed.toLowerCase());
  const options = (values: readonly string[]) => values.filter(has).map((value) => ({ value }));
  switch (kind) {
    case 'engine':
      return options((await getFacets(client)).engines.map(({ value }) => value));
    case 'owner':
      return options((await getFacets(client)).owners.flatMap(({ value }) => value ?? []));
    case 'label': {
      const { labels } = await getFacets(client);
      return options(Object.entries(labels).flatMap(([key, values]) => values.map((value) => `${key}=${value}`)));
    }
    case 'instance': {
      const search = typed === '' ? undefined : typed;
      return (await listInstances(client, { search, sort: 'name' })).data.map(({ name }) => ({ value: name }));
    }
    case 'database': {
      const search = typed === '' ? undefined : typed;
      const { data } = await listDatabases(client, { search });
      return [...new Set(data.map((row) => row.database_name))].map((value) => ({ value }));
    }
  }
}

export async function labelKeys({ client }: TidemarkDataSource): Promise<ComboboxOption[]> {
  return Object.keys((await getFacets(client)).labels).map((value) => ({ value }));
}
