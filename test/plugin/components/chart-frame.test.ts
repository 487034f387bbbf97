import { describe, expect, test } from '@jest/globals';
import { createTheme, formattedValueToString } from '@grafana/data';

import { chartFrame, type ChartLook } from '../../../plugin/src/components/SizeChart/frame';
import { addDays } from '../../../plugin/src/format';

const look: ChartLook = {
  style: 'area',
  stacked: true,
  unit: 'bytes',
  stepDays: 1,
  hidden: new Set(['log']),
  theme: createTheme(),
};
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

describe('days without measurements', () => {
  const days = (t: readonly string[], stepDays = 1) => {
    const frame = chartFrame([{ name: 'data', t, values: t.map((_, index) => index) }], { ...look, stepDays });
    return frame.fields[0]?.values.map((time: number, row: number) => [
      new Date(time).toISOString().slice(0, 10),
      frame.fields[1]?.values[row],
    ]);
  };

  test('interrupt the line, and what is on either side stays', () => {
    expect(days(['2026-11-01', '2026-11-02', '2026-11-28'])).toEqual([
      ['2026-11-01', 0],
      ['2026-11-02', 1],
      ['2026-11-03', null],
      ['2026-11-28', 2],
    ]);
  });

  test('are none between the periods of statistics; a missing period is one', () => {
    expect(days(['2026-10-01', '2026-11-01', '2026-12-01'], 31)).toHaveLength(3);
    expect(days(['2026-10-01', '2026-12-01'], 31)?.map(([day]) => day)).toEqual([
      '2026-10-01',
      '2026-11-01',
      '2026-12-01',
    ]);
  });

  test('are none where the exporter has thinned a long line out', () => {
    const thinned = Array.from({ length: 800 }, (_, index) => addDays('2018-01-01', index * 4));
    expect(days(thinned)).toHaveLength(800);
    const late = thinned.map((day, index) => addDays(day, index < 400 ? 0 : 60));
    expect(days(late)).toHaveLength(801);
    // Few measurements in a long time are not thinned out.
    expect(days(['2018-01-01', '2026-01-01'])).toHaveLength(3);
  });

  test('of one thinned line do not interrupt another', () => {
    const thinned = Array.from({ length: 800 }, (_, index) => addDays('2018-01-01', index * 4));
    const other = thinned.map((day) => addDays(day, 1));
    const frame = chartFrame(
      [thinned, other].map((t, index) => ({ name: String(index), t, values: t.map(() => 1) })),
      look,
    );
    expect(frame.length).toBe(1600);
    expect(frame.fields[1]?.values.slice(0, 3)).toEqual([1, undefined, 1]);
    expect(frame.fields[1]?.values.includes(null)).toBe(true);
    expect(frame.fields[1]?.values.filter((value) => value === null)).toHaveLength(1);
  });
});
