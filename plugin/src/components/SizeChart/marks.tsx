import type { GrafanaTheme2 } from '@grafana/data';
import type { UPlotConfigBuilder } from '@grafana/ui';
import { useLayoutEffect, useRef } from 'react';

import type { Day } from '../../data/common';
import { dayToTime } from '../../format/days';

/** A vertical line: something happened that day. */
export interface ChartMark {
  readonly day: Day;
  readonly label: string;
  readonly severity: 'info' | 'warning' | 'error';
}

interface MarksProps {
  readonly config: UPlotConfigBuilder;
  readonly marks: readonly ChartMark[];
  readonly theme: GrafanaTheme2;
}

/** Draws the marks over the chart. What they say is in the list below it and in the tooltip. */
export const Marks = ({ config, marks, theme }: MarksProps) => {
  // The hook is added once per configuration and sees the marks of the latest render.
  const latest = useRef({ marks, theme });
  latest.current = { marks, theme };

  useLayoutEffect(() => {
    config.addHook('draw', (plot) => {
      const { marks: current, theme: colors } = latest.current;
      const { ctx: context, bbox } = plot;
      context.save();
      context.lineWidth = devicePixelRatio;
      context.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
      for (const { day, severity } of current) {
        const x = Math.round(plot.valToPos(dayToTime(day), 'x', true));
        if (x < bbox.left || x > bbox.left + bbox.width) continue;
        context.strokeStyle = colors.colors[severity].border;
        context.beginPath();
        context.moveTo(x, bbox.top);
        context.lineTo(x, bbox.top + bbox.height);
        context.stroke();
      }
      context.restore();
    });
  }, [config]);

  return null;
};
