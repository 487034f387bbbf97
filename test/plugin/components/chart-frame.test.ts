import { describe, expect, test } from '@jest/globals';
import { createTheme, formattedValueToString } from '@grafana/data';

import { chartFrame, type ChartLook } from '../../../plugin/src/components/SizeChart/frame';

const look: ChartLook = { style: 'area', stacked: true, unit: 'bytes', hidden: new Set(['log']), theme: createTheme() };
const series = [
  { name: 'data', t: ['2026-11-01', '2026-11-03'], values: [1024, 2048] },
  { name: 'log', t: ['2026-11-02'], values: [512] },
];

describe('the frame of a chart', () => {
  const frame = chartFrame(series, look);

  test('has a row for each day that any series has, at midnight UTC', () => {
    expect(frame.length).toBe(3);
    expect(frame.fields[0]?.values).toEqual([Date.UTC(2026, 10, 1), Date.UTC(2026, 10, 2), Date.UTC(2026, 10, 3)]);
  });

  test('has nothing where a series has no such day', () => {
    expect(frame.fields[1]?.values).toEqual([1024, null, 2048]);
    expect(frame.fields[2]?.values).toEqual([null, 512, null]);
  });

  test('reads in bytes', () => {
    const display = frame.fields[1]?.display;
    expect(display && formattedValueToString(display(2048))).toBe('2 KiB');
  });

  test('leaves out of picture and tooltip what the legend has switched off', () => {
    expect(frame.fields[1]?.config.custom.hideFrom).toMatchObject({ viz: false, tooltip: false });
    expect(frame.fields[2]?.config.custom.hideFrom).toMatchObject({ viz: true, tooltip: true, legend: false });
  });
});
