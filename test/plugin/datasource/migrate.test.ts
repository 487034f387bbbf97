import { describe, expect, test } from '@jest/globals';

import { migrateQuery, migrateVariableQuery } from '../../../plugin/src/datasource/query/migrate';

describe('queries without a version', () => {
  test('Grafana makes them with only a refId: sizes over time', () => {
    expect(migrateQuery({ refId: 'A' })).toMatchObject({
      refId: 'A',
      version: 1,
      queryType: 'series',
      measure: 'size',
      filters: {},
    });
  });

  test('written by hand: a filter may be one text, and what is said stays', () => {
    const saved = { refId: 'A', queryType: 'growth', order: 'rate', filters: { owner: '$owner', instance: ['a', 7] } };
    expect(migrateQuery(saved as never)).toEqual({
      refId: 'A',
      version: 1,
      queryType: 'growth',
      groupBy: 'database',
      growthDays: null,
      order: 'rate',
      limit: 20,
      filters: { owner: ['$owner'], instance: ['a', '7'] },
    });
  });

  test('of an unknown type show sizes over time', () => {
    expect(migrateQuery({ refId: 'A', queryType: 'toString' })).toMatchObject({ queryType: 'series' });
  });
});

test('a query of today stays as it is, with what Grafana added', () => {
  const query = {
    refId: 'B',
    hide: true,
    datasource: { uid: 'tidemark', type: 'tidemark-storage-datasource' },
    version: 1,
    queryType: 'storage',
    scope: 'log',
    show: 'history',
    filters: { instance: ['orders'] },
  };
  expect(migrateQuery(query)).toEqual(query);
});

test('parts of another type go', () => {
  const query = migrateQuery({
    refId: 'A',
    version: 1,
    queryType: 'forecasts',
    top: 5,
    limit: 10,
    filters: {},
  } as never);
  expect(query).not.toHaveProperty('top');
  expect(query).toMatchObject({ limit: 10, withinDays: null });
});

test('a query of a later version is refused, and the remedy is named', () => {
  expect(() => migrateQuery({ refId: 'A', version: 2 } as never)).toThrow(/later version.*Update the plugin/);
});

test('variables have the same history', () => {
  expect(migrateVariableQuery({ refId: 'v', values: 'owner' } as never)).toEqual({
    refId: 'v',
    version: 1,
    values: 'owner',
    labelKey: '',
    filters: {},
  });
});
