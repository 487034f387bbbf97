import { useTheme2 } from '@grafana/ui';
import React, { memo } from 'react';

import type { SparklineData } from '../data/common';
import { testIds } from '../testIds';

interface SparklineProps {
  readonly data: SparklineData | null;
  /** What the line shows, for those who do not see it. */
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
  readonly color?: string;
}

/**
 * A small line without axes. Drawn as SVG: a table shows hundreds, and a canvas each with Grafana's chart library
 * takes seconds.
 */
export const Sparkline = memo(({ data, label, width = 120, height = 28, color }: SparklineProps) => {
  const theme = useTheme2();
  const path = data === null ? '' : linePath(data.size_bytes, width, height);
  if (path === '') return null;
  const stroke = color ?? theme.visualization.getColorByName('blue');
  return (
    <svg
      role="img"
      aria-label={label}
      data-testid={testIds.sparkline.container}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
    >
      <path d={path} fill="none" stroke={stroke} strokeWidth={1.5} strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  );
});
Sparkline.displayName = 'Sparkline';

/** A flat history is a line in the middle; days without a value are a gap. */
export function linePath(values: readonly (number | null)[], width: number, height: number): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return '';
  const least = Math.min(...known);
  const span = Math.max(...known) - least;
  const margin = 2;
  const x = (index: number) =>
    values.length === 1 ? width / 2 : (index / (values.length - 1)) * (width - 2 * margin) + margin;
  const y = (value: number) =>
    span === 0 ? height / 2 : height - margin - ((value - least) / span) * (height - 2 * margin);
  let path = '';
  let isDrawing = false;
  values.forEach((value, index) => {
    if (value === null) {
      isDrawing = false;
      return;
    }
    const point = `${round(x(index))},${round(y(value))}`;
    // A line of its own length zero is a dot, with the round cap.
    path += isDrawing ? `L${point}` : `M${point}L${point}`;
    isDrawing = true;
  });
  return path;
}

const round = (value: number) => Math.round(value * 10) / 10;
