import { FieldType, type DataFrame, type FieldConfig, type Labels } from '@grafana/data';
import { t } from '@grafana/i18n';

import type { Series } from '../../data/resources/series';
import { plain } from '../../format/text';
import type { QueryRange } from '../query/range';
import type { SeriesCalculation, SeriesQuery } from '../query/types';

/** One frame a line: what Grafana's panels, transformations and Explore expect of time series. */
export function seriesFrames(query: SeriesQuery, series: readonly Series[], range: QueryRange): DataFrame[] {
  const withInstance = new Set(series.map(({ instance_id }) => instance_id)).size > 1;
  return series.map((one) => {
    const name = lineName(one, query, withInstance);
    return lineFrame(
      query,
      name,
      labelsOf(one, query),
      one.t.map(range.timeOf),
      calculated(one.values, query.calculation),
    );
  });
}

export function lineFrame(
  query: SeriesQuery,
  name: string,
  labels: Labels,
  times: readonly number[],
  values: readonly (number | null)[],
  config: FieldConfig = {},
): DataFrame {
  return {
    refId: query.refId,
    name,
    length: times.length,
    meta: { preferredVisualisationType: 'graph' },
    fields: [
      { name: 'Time', type: FieldType.time, config: {}, values: [...times] },
      {
        name: 'Value',
        type: FieldType.number,
        labels,
        config: { displayNameFromDS: name, unit: unitOf(query), ...config },
        values: [...values],
      },
    ],
  };
}

function unitOf({ measure, calculation }: SeriesQuery): string {
  if (calculation === 'growth_rate') return 'percent';
  return measure === 'database_count' ? 'short' : 'bytes';
}

/** Changes are against the first known value of the range, or against the day before. */
export function calculated(
  values: readonly (number | null)[],
  calculation: SeriesCalculation,
): readonly (number | null)[] {
  if (calculation === 'value' || calculation === 'forecast') return values;
  if (calculation === 'daily_change') {
    return values.map((value, index) => {
      const before = values[index - 1];
      return value === null || before === null || before === undefined ? null : value - before;
    });
  }
  const first = values.find((value) => value !== null && (calculation === 'change' || value !== 0));
  if (first === null || first === undefined) return values.map(() => null);
  const compare = (value: number) => (calculation === 'change' ? value - first : ((value - first) / first) * 100);
  return values.map((value) => (value === null ? null : compare(value)));
}

/** What tells a line from its neighbours, unless the query says how it is called. */
export function lineName(series: Series, query: SeriesQuery, withInstance: boolean): string {
  if (series.other) return t('series.other', 'Other');
  if (query.legend !== '') {
    const parts: Record<string, string | null> = {
      group: series.group ?? unnamed(query),
      instance: series.instance_name,
      database: series.database_name,
    };
    return query.legend.replace(/\{\{\s*(\w+)\s*\}\}/g, (match, part: string) =>
      part in parts ? (parts[part] ?? '') : match,
    );
  }
  if (series.database_name !== null) {
    return withInstance ? `${series.instance_name} / ${series.database_name}` : series.database_name;
  }
  return series.instance_name ?? series.group ?? unnamed(query);
}

function unnamed({ groupBy, groupLabel }: SeriesQuery): string {
  if (groupBy === 'owner') return t('series.no-owner', 'No owner');
  if (groupBy === 'label') return t('series.no-label', 'No label {{key}}', plain({ key: groupLabel ?? '' }));
  return t('series.fleet', 'All instances');
}

export function labelsOf(series: Series, query: SeriesQuery): Labels {
  const labels: Labels = {};
  if (series.instance_name !== null) labels.instance = series.instance_name;
  if (series.database_name !== null) labels.database = series.database_name;
  if (series.group !== null && series.instance_name === null) {
    labels[query.groupBy === 'label' ? (query.groupLabel ?? 'label') : query.groupBy] = series.group;
  }
  return labels;
}
