import { LegendDisplayMode, SortOrder, TooltipDisplayMode } from '@grafana/schema';
import { TimeSeries, TooltipPlugin, useTheme2, ZoomPlugin } from '@grafana/ui';
import React, { useCallback, useMemo } from 'react';

import type { Day } from '../../data/common';
import { chartRange, chartTimeZone, daysBetween } from '../../format/days';
import { useElementWidth } from '../../hooks/useElementWidth';
import { testIds } from '../../testIds';
import { chartFrame, type ChartSeries, type ChartStyle } from './frame';
import { Legend } from './Legend';
import { Marks, type ChartMark } from './marks';
import { useSeriesVisibility } from './visibility';

interface SizeChartProps {
  readonly series: readonly ChartSeries[];
  /** The days that the chart spans, whatever the series cover. */
  readonly start: Day;
  readonly end: Day;
  /** What the chart shows, for those who do not see it. */
  readonly label: string;
  /** Of the plot; the legend is below it. */
  readonly height?: number;
  readonly style?: ChartStyle;
  readonly stacked?: boolean;
  /** A unit of Grafana's; bytes unless said. */
  readonly unit?: string;
  /** How many days two measurements are apart: 1 unless said. Lines do not lead across longer gaps. */
  readonly stepDays?: number;
  readonly showLegend?: boolean;
  readonly marks?: readonly ChartMark[];
  /** The days that the reader has drawn over. */
  readonly onZoom?: (start: Day, end: Day) => void;
}

const noMarks: readonly ChartMark[] = [];

/**
 * Sizes over days, as Grafana draws them. The only place that uses Grafana's deprecated chart component: pages see
 * days and bytes, so that another library can take its place.
 */
export const SizeChart = ({
  series,
  start,
  end,
  label,
  height = 300,
  style = 'area',
  stacked = false,
  unit = 'bytes',
  stepDays = 1,
  showLegend = true,
  marks = noMarks,
  onZoom,
}: SizeChartProps) => {
  const theme = useTheme2();
  const [container, width] = useElementWidth<HTMLDivElement>();
  const names = useMemo(() => series.map(({ name }) => name), [series]);
  const { hidden, toggle } = useSeriesVisibility(names);
  const frame = useMemo(
    () => chartFrame(series, { style, stacked, unit, stepDays, hidden, theme }),
    [series, style, stacked, unit, stepDays, hidden, theme],
  );
  const frames = useMemo(() => [frame], [frame]);
  const timeRange = useMemo(() => chartRange(start, end), [start, end]);
  const zoom = useCallback(
    ({ from, to }: { from: number; to: number }) => {
      const { start: first, end: last } = daysBetween(from, to);
      onZoom?.(first, last);
    },
    [onZoom],
  );

  return (
    <div role="figure" aria-label={label} data-testid={testIds.chart.container}>
      <div ref={container} style={{ height }}>
        {width > 0 && (
          <TimeSeries
            frames={frames}
            width={width}
            height={height}
            timeRange={timeRange}
            timeZone={chartTimeZone}
            legend={{ showLegend: false, displayMode: LegendDisplayMode.Hidden, placement: 'bottom', calcs: [] }}
          >
            {(config, aligned) => (
              <>
                <TooltipPlugin
                  config={config}
                  data={aligned}
                  frames={frames}
                  timeZone={chartTimeZone}
                  mode={TooltipDisplayMode.Multi}
                  sortOrder={SortOrder.Descending}
                />
                {onZoom !== undefined && <ZoomPlugin config={config} onZoom={zoom} />}
                {marks.length > 0 && <Marks config={config} marks={marks} theme={theme} />}
              </>
            )}
          </TimeSeries>
        )}
      </div>
      {showLegend && <Legend frame={frame} hidden={hidden} onToggle={toggle} />}
    </div>
  );
};
