import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
  type DataSourceRef,
} from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DynamicConfigValue,
  type Panel,
  type Threshold,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';

/** What every panel has. */
interface PanelBase {
  readonly title: string;
  /** What is to be seen, and what it does not say. */
  readonly description: string;
  /** Grafana's name of a unit: bytes, percent, s, short, dateTimeAsIso … */
  readonly unit: string;
  /** Of the 24 columns. */
  readonly width: number;
  readonly height: number;
  readonly targets: readonly cog.Builder<cog.Dataquery>[];
  /** From which values on a colour is shown; the first one has no value. */
  readonly thresholds?: readonly Threshold[];
}

/** One number, or one for each series. */
interface StatPanel extends PanelBase {
  readonly kind: 'stat';
  /** How the values of a series become one. */
  readonly calculation?: 'lastNotNull' | 'last' | 'max' | 'min' | 'sum';
  readonly graph?: boolean;
}

/** Lines, stacked areas or bars over time. */
interface TimeSeriesPanel extends PanelBase {
  readonly kind: 'timeseries';
  readonly style?: 'lines' | 'stacked' | 'bars';
  readonly overrides?: readonly Override[];
}

/** Rows. */
interface TablePanel extends PanelBase {
  readonly kind: 'table';
  readonly overrides?: readonly Override[];
  readonly transformations?: readonly { readonly id: string; readonly options: object }[];
  readonly sortBy?: { readonly column: string; readonly descending: boolean };
}

/** A bar for each series. */
interface BarGaugePanel extends PanelBase {
  readonly kind: 'bargauge';
  readonly max?: number;
}

export type PanelSpec = StatPanel | TimeSeriesPanel | TablePanel | BarGaugePanel;

export interface Override {
  readonly field: string;
  readonly properties: readonly DynamicConfigValue[];
}

export const green = { color: 'green', value: null };

/** The panel at its place. */
export function buildPanel(
  spec: PanelSpec,
  id: number,
  place: Panel['gridPos'],
  datasource: DataSourceRef,
): cog.Builder<Panel> {
  const builder = builderOf(spec)
    .id(id)
    .title(spec.title)
    .description(spec.description)
    .datasource(datasource)
    .unit(spec.unit)
    .targets([...spec.targets]);
  if (place !== undefined) builder.gridPos(place);
  if (spec.thresholds !== undefined) {
    builder.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...spec.thresholds]));
  }
  return builder;
}

function builderOf(spec: PanelSpec): Stat | TimeSeries | Table | BarGauge {
  switch (spec.kind) {
    case 'stat':
      return new Stat()
        .reduceOptions(new ReduceDataOptionsBuilder().calcs([spec.calculation ?? 'lastNotNull']))
        .graphMode(spec.graph === true ? BigValueGraphMode.Area : BigValueGraphMode.None)
        .colorMode(spec.thresholds === undefined ? BigValueColorMode.None : BigValueColorMode.Value);
    case 'timeseries':
      return timeSeries(spec);
    case 'table':
      return table(spec);
    case 'bargauge': {
      const gauge = new BarGauge()
        .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
        .min(0)
        .colorScheme(
          new FieldColorBuilder().mode(
            spec.thresholds === undefined ? FieldColorModeId.PaletteClassic : FieldColorModeId.Thresholds,
          ),
        );
      return spec.max === undefined ? gauge : gauge.max(spec.max);
    }
  }
}

function timeSeries({ style = 'lines', overrides = [] }: TimeSeriesPanel): TimeSeries {
  const builder = new TimeSeries()
    // A night that failed is a gap that a line may cross.
    .spanNulls(true)
    .lineWidth(style === 'stacked' ? 1 : 2)
    .fillOpacity(style === 'lines' ? 0 : 60)
    .drawStyle(style === 'bars' ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    );
  if (style === 'stacked') builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  for (const { field, properties } of overrides) builder.overrideByName(field, [...properties]);
  return builder;
}

function table({ overrides = [], transformations = [], sortBy }: TablePanel): Table {
  const builder = new Table();
  for (const { field, properties } of overrides) builder.overrideByName(field, [...properties]);
  for (const transformation of transformations) builder.withTransformation(transformation);
  if (sortBy !== undefined) {
    builder.sortBy([{ build: () => ({ displayName: sortBy.column, desc: sortBy.descending }) }]);
  }
  return builder;
}
