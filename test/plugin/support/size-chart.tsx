import React, { type ComponentProps } from 'react';

import type { SizeChart as RealChart } from '../../../plugin/src/components/SizeChart';

/**
 * In place of the chart, whose canvas jsdom does not have: what it is told to draw, as text. How it is drawn is tested in
 * a browser.
 */
export const SizeChart = (props: ComponentProps<typeof RealChart>) => {
  const { series, label, start, end, style = 'area', stacked = false, marks = [], onZoom } = props;
  return (
    <figure aria-label={label}>
      <p>{`${start} to ${end}, ${style}${stacked ? ', stacked' : ''}`}</p>
      <ul>
        {series.map(({ name, t: days, values }) => (
          <li key={name}>{`${name}: ${days.map((day, at) => `${day}=${values[at] ?? 'null'}`).join(' ')}`}</li>
        ))}
      </ul>
      {marks.map(({ day, label: text, severity }) => (
        <mark key={`${day}${text}`}>{`${severity} ${day}: ${text}`}</mark>
      ))}
      <button type="button" onClick={() => onZoom?.('2026-11-01', '2026-11-10')}>
        Zoom
      </button>
    </figure>
  );
};
