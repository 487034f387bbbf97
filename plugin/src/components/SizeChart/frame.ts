import {
  FieldColorModeId,
  FieldType,
  getDisplayProcessor,
  type DataFrame,
  type Field,
  type GrafanaTheme2,
} from '@grafana/data';
import {
  BarAlignment,
  GraphDrawStyle,
  LineInterpolation,
  StackingMode,
  VisibilityMode,
  type GraphFieldConfig,
} from '@grafana/schema';

import type { Day } from '../../data/common';
import { dayToTime } from '../../format/days';
import { alignValues, reachOf, withGaps } from './gaps';

/** A line of the chart. */
export interface ChartSeries {
  readonly name: string;
  readonly t: readonly Day[];
  readonly values: readonly (number | null)[];
  /** One of the theme's (`blue`, `semi-dark-red`) or any of CSS; from the theme's palette unless said. */
  readonly color?: string;
  /** For what is not measured: a forecast. */
  readonly dashed?: boolean;
  /** Fills the space down to the series of this name, for a band of uncertainty. */
  readonly fillBelowTo?: string;
  /** Drawn but not in legend and tooltip, for the edge of a band. */
  readonly isAuxiliary?: boolean;
}

export type ChartStyle = 'area' | 'bars' | 'lines';

export interface ChartLook {
  readonly style: ChartStyle;
  readonly stacked: boolean;
  /** A unit of Grafana's. */
  readonly unit: string;
  /** How many days two measurements are apart; days without any between them are a gap. */
  readonly stepDays: number;
  /** Names of the series that the legend has switched off. */
  readonly hidden: ReadonlySet<string>;
  readonly theme: GrafanaTheme2;
}

/** One frame with a column a series, over all days that any of them has and one in each gap between them. */
export function chartFrame(series: readonly ChartSeries[], look: ChartLook): DataFrame {
  const measured = [...new Set(series.flatMap(({ t }) => t))].sort();
  const reaches = series.map(({ t }) => reachOf(t, look.stepDays));
  const days = withGaps(measured, Math.max(look.stepDays, ...reaches), look.stepDays);
  const time: Field<number> = {
    name: 'day',
    type: FieldType.time,
    config: {},
    values: days.map(dayToTime),
  };
  time.display = getDisplayProcessor({
    field: { ...time, config: { unit: 'time:YYYY-MM-DD' } },
    timeZone: 'utc',
    theme: look.theme,
  });
  return {
    length: days.length,
    fields: [
      time,
      ...series.map((one, position) =>
        numberField(one, position, alignValues(days, one, reaches[position] ?? 1), look),
      ),
    ],
  };
}

function numberField(
  series: ChartSeries,
  position: number,
  values: (number | null | undefined)[],
  look: ChartLook,
): Field<number | null | undefined> {
  const palette = look.theme.visualization.palette;
  const color = series.color ?? palette[position % palette.length] ?? 'blue';
  const field: Field<number | null | undefined> = {
    name: series.name,
    type: FieldType.number,
    values,
    config: {
      displayName: series.name,
      unit: look.unit,
      // Sizes are seen from zero; a rate may be below.
      ...(look.unit === 'bytes' ? { min: 0 } : {}),
      color: { mode: FieldColorModeId.Fixed, fixedColor: color },
      custom: customConfig(series, look),
    },
    state: { seriesIndex: position, origin: { frameIndex: 0, fieldIndex: position + 1 } },
  };
  field.display = getDisplayProcessor({ field, theme: look.theme, timeZone: 'utc' });
  return field;
}

function customConfig(series: ChartSeries, { style, stacked, hidden }: ChartLook): GraphFieldConfig {
  const isBand = series.fillBelowTo !== undefined || series.isAuxiliary === true;
  const isHidden = hidden.has(series.name);
  return {
    drawStyle: style === 'bars' ? GraphDrawStyle.Bars : GraphDrawStyle.Line,
    lineInterpolation: LineInterpolation.Linear,
    lineWidth: isBand ? 0 : style === 'bars' ? 0 : 1.5,
    fillOpacity: isBand ? 15 : style === 'bars' ? 80 : style === 'area' ? (stacked ? 40 : 15) : 0,
    barAlignment: BarAlignment.Center,
    barMaxWidth: 60,
    showPoints: VisibilityMode.Auto,
    pointSize: 4,
    spanNulls: false,
    ...(series.dashed === true ? { lineStyle: { fill: 'dash', dash: [6, 4] } } : {}),
    ...(series.fillBelowTo === undefined ? {} : { fillBelowTo: series.fillBelowTo }),
    stacking: { mode: stacked && !isBand ? StackingMode.Normal : StackingMode.None, group: 'A' },
    hideFrom: { viz: isHidden, legend: series.isAuxiliary === true, tooltip: isHidden || series.isAuxiliary === true },
  };
}
