import { describe, expect, test } from '@jest/globals';

import type { Series } from '../../../plugin/src/data';
import { calculated, seriesFrames } from '../../../plugin/src/datasource/frames/series';
import { defaultQueries } from '../../../plugin/src/datasource/query/defaults';
import { queryRange } from '../../../plugin/src/datasource/query/range';
import type { SeriesQuery } from '../../../plugin/src/datasource/query/types';
import { rangeOf } from '../support/grafana';

const range = queryRange(rangeOf('2026-11-01', '2026-11-03'), 'utc');
const query: SeriesQuery = { refId: 'A', ...defaultQueries.series };
const line = (parts: Partial<Series>): Series => ({
  group: null,
  instance_id: null,
  instance_name: null,
  database_name: null,
  other: false,
  t: ['2026-11-01', '2026-11-02'],
  values: [100, 150],
  ...parts,
});
const names = (changes: Partial<SeriesQuery>, series: readonly Partial<Series>[]) =>
  seriesFrames({ ...query, ...changes }, series.map(line), range).map(
    ({ fields }) => fields[1]?.config.displayNameFromDS,
  );

describe('calculations', () => {
  test('change is against the first known value', () => {
    expect(calculated([null, 100, null, 150, 50], 'change')).toEqual([null, 0, null, 50, -50]);
  });

  test('growth is in percent of the first value that is not nothing', () => {
    expect(calculated([0, 100, 150, null], 'growth_rate')).toEqual([-100, 0, 50, null]);
    expect(calculated([0, 0], 'growth_rate')).toEqual([null, null]);
    expect(calculated([null, null], 'change')).toEqual([null, null]);
  });

  test('daily change is against the day before, where both are known', () => {
    expect(calculated([100, 150, null, 170, 160], 'daily_change')).toEqual([null, 50, null, null, -10]);
  });
});

describe('names of lines', () => {
  test('are what tells them apart', () => {
    expect(names({}, [{ instance_id: 1, instance_name: 'orders' }, { other: true }])).toEqual(['orders', 'Other']);
    expect(names({ groupBy: 'owner' }, [{ group: 'shop' }, {}])).toEqual(['shop', 'No owner']);
    expect(names({ groupBy: 'label', groupLabel: 'env' }, [{ group: 'prod' }, {}])).toEqual(['prod', 'No label env']);
    expect(names({ groupBy: 'fleet' }, [{}])).toEqual(['All instances']);
  });

  test('hold the instance only where there are several', () => {
    const orders = { instance_id: 1, instance_name: 'orders', database_name: 'shop' };
    const hr = { instance_id: 2, instance_name: 'hr', database_name: 'shop' };
    expect(names({ groupBy: 'database' }, [orders])).toEqual(['shop']);
    expect(names({ groupBy: 'database' }, [orders, hr])).toEqual(['orders / shop', 'hr / shop']);
  });

  test('are as the query says', () => {
    const orders = { instance_id: 1, instance_name: 'orders', database_name: 'shop' };
    expect(names({ legend: '{{database}} on {{ instance }} {{x}}' }, [orders])).toEqual(['shop on orders {{x}}']);
  });
});

test('a frame has a time and a number with unit and labels', () => {
  const [frame] = seriesFrames({ ...query, groupBy: 'label', groupLabel: 'env' }, [line({ group: 'prod' })], range);
  expect(frame).toMatchObject({
    refId: 'A',
    length: 2,
    meta: { preferredVisualisationType: 'graph' },
    fields: [
      { type: 'time', values: [Date.UTC(2026, 10, 1), Date.UTC(2026, 10, 2)] },
      { type: 'number', values: [100, 150], labels: { env: 'prod' }, config: { unit: 'bytes' } },
    ],
  });
});

test('units go with what is shown', () => {
  const unit = (changes: Partial<SeriesQuery>) =>
    seriesFrames({ ...query, ...changes }, [line({})], range)[0]?.fields[1]?.config.unit;
  expect(unit({ measure: 'database_count' })).toBe('short');
  expect(unit({ calculation: 'growth_rate' })).toBe('percent');
  expect(unit({ calculation: 'change' })).toBe('bytes');
});

test('a day begins at midnight as the reader sees it', () => {
  const { start_date, end_date, timeOf } = queryRange(
    rangeOf('2026-11-01T23:30:00Z', '2026-11-02T00:30:00Z'),
    'Asia/Tokyo',
  );
  expect({ start_date, end_date }).toEqual({ start_date: '2026-11-02', end_date: '2026-11-02' });
  expect(new Date(timeOf('2026-11-02')).toISOString()).toBe('2026-11-01T15:00:00.000Z');
});
