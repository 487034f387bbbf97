import { beforeEach, describe, expect, test } from '@jest/globals';
import { CoreApp, type DataQueryRequest, type DataSourceInstanceSettings } from '@grafana/data';
import { setBackendSrv, type BackendSrv, type BackendSrvRequest } from '@grafana/runtime';
import { of, throwError } from 'rxjs';

import { TidemarkDataSource } from '../../../plugin/src/datasource/DataSource';
import type { TidemarkQuery } from '../../../plugin/src/datasource/query/types';
import { rangeOf, setVariables } from '../support/grafana';

const url = '/api/datasources/proxy/uid/tidemark';
const source = new TidemarkDataSource({ uid: 'tidemark', url } as DataSourceInstanceSettings);
let requests: BackendSrvRequest[];
let answers: Record<string, unknown>;

beforeEach(() => {
  setVariables({ owner: 'shop', several: ['a', 'b'] });
  requests = [];
  answers = {};
  setBackendSrv({
    fetch: (request: BackendSrvRequest) => {
      requests.push(request);
      const path = request.url.replace(`${url}/api/v1`, '').split('?')[0] ?? '';
      const data = answers[path];
      const failure = {
        status: 404,
        data: { error: { code: 'not_found', message: `no ${path}`, details: null } },
        config: request,
      };
      return data === undefined ? throwError(() => failure) : of({ status: 200, data });
    },
  } as unknown as BackendSrv);
});

const run = (...targets: object[]) =>
  source.query({
    targets,
    range: rangeOf('2026-11-01', '2026-11-03'),
    timezone: 'utc',
    scopedVars: {},
    maxDataPoints: 500,
    app: CoreApp.Dashboard,
  } as unknown as DataQueryRequest<TidemarkQuery>);

const parametersOf = (request: BackendSrvRequest | undefined) => new URLSearchParams(request?.url.split('?')[1]);
const rows = (data: readonly object[], total = data.length) => ({ data, page: { limit: 100, offset: 0, total } });

describe('sizes over time', () => {
  test('ask for range, points, group and filters, variables put in', async () => {
    answers['/series'] = { data: [] };
    const filters = { owner: ['$owner'], label: ['env=$several'], engine: ['$several'], instance: ['7'] };

    await run({ refId: 'A', groupBy: 'label', groupLabel: 'env', measure: 'log', filters });

    const parameters = parametersOf(requests[0]);
    expect(Object.fromEntries(parameters)).toMatchObject({
      start_date: '2026-11-01',
      end_date: '2026-11-03',
      measure: 'log',
      group_by: 'label',
      group_label: 'env',
      points: '500',
      owner: 'shop',
      instance_id: '7',
    });
    expect(parameters.getAll('engine')).toEqual(['a', 'b']);
  });

  test('know instances by their name', async () => {
    answers['/instances'] = rows([
      { id: 3, name: 'orders-replica' },
      { id: 4, name: 'orders' },
    ]);
    answers['/series'] = { data: [] };

    await run({ refId: 'A', filters: { instance: ['orders'] } });

    expect(parametersOf(requests[1]).getAll('instance_id')).toEqual(['4']);
  });

  test('a name that no instance has is an error that says so', async () => {
    answers['/instances'] = rows([]);
    const { errors, data } = await run({ refId: 'A', filters: { instance: ['R&D <1>'] } });

    expect(data).toEqual([]);
    expect(errors).toEqual([{ refId: 'A', message: expect.stringContaining('There is no instance "R&D <1>"') }]);
  });
});

test('a query that fails leaves the others their answers', async () => {
  answers['/databases'] = rows([]);

  const { data, errors, state } = await run({ refId: 'A' }, { refId: 'B', queryType: 'databases' });

  expect(data).toHaveLength(1);
  expect(errors).toEqual([{ refId: 'A', message: 'no /series', status: 404 }]);
  expect(state).toBe('Error');
});

test('a table says when it is cut', async () => {
  const row = { instance_id: 1, instance_name: 'orders', database_name: 'shop', size_bytes: 5, growth: null };
  answers['/databases'] = rows([row], 900);

  const { data } = await run({ refId: 'A', queryType: 'databases', limit: 1, growthDays: 7 });

  expect(parametersOf(requests[0]).get('growth_days')).toBe('7');
  expect(data[0].meta.notices[0].text).toMatch(/first 1 of 900/);
  const database = data[0].fields.find((field: { name: string }) => field.name === 'database_name');
  expect(database.config.links[0].url).toBe(
    '/a/tidemark-storage-app/instances/${__data.fields.instance_id}/databases/${__data.fields.database_name:percentencode}',
  );
});

test('chosen databases are whole names, though the API searches for parts', async () => {
  const row = (name: string) => ({
    instance_id: 1,
    instance_name: 'orders',
    database_name: name,
    size_bytes: 5,
    growth: null,
  });
  answers['/databases'] = rows([row('shop'), row('shop_archive')]);

  const { data } = await run({ refId: 'A', queryType: 'databases', filters: { database: ['shop'] } });

  expect(parametersOf(requests[0]).get('search')).toBe('shop');
  expect(data[0].length).toBe(1);
});

test('a forecast adds to what was measured a dashed line and a band', async () => {
  const t = ['2026-11-01', '2026-11-02'];
  const series = { instance_id: 1, instance_name: 'orders', group: null, other: false, t };
  answers['/series'] = { data: [{ ...series, database_name: 'shop', values: [1, 2] }] };
  const predicted = { t: ['2026-11-03'], size_bytes: [3], low_bytes: [2], high_bytes: [4] };
  answers['/instances/1/forecasts'] = {
    data: [
      { database_name: 'shop', predicted },
      { database_name: 'not shown', predicted },
    ],
  };

  const { data } = await run({ refId: 'A', calculation: 'forecast', filters: { instance: ['1'] }, horizonDays: 30 });

  expect(parametersOf(requests.find((request) => request.url.includes('/forecasts'))).get('horizon_days')).toBe('30');
  expect(data.map((frame) => frame.name)).toEqual(['shop', 'shop, forecast', 'shop, low', 'shop, high']);
  expect(data[1].fields[1].config.custom.lineStyle).toMatchObject({ fill: 'dash' });
  expect(data[3].fields[1].config.custom.fillBelowTo).toBe('shop, low');
});

test.each([
  [{ calculation: 'forecast', filters: {} }],
  [{ queryType: 'storage', filters: { instance: ['1', '2'] } }],
  [{ queryType: 'events', kinds: ['step_up'], filters: {} }],
])('%j needs exactly one instance', async (query) => {
  const { errors } = await run({ refId: 'A', ...query });
  expect(errors?.[0]?.message).toMatch(/exactly one/);
});

test('instances of the latest run', async () => {
  answers['/collections'] = rows([{ id: 9, instances: {} }]);
  answers['/collections/9/records'] = rows([
    { instance: 'orders', status: 'failed', instance_id: 1, error_code: 'timeout' },
  ]);

  const { data } = await run({ refId: 'A', queryType: 'collections', show: 'records', status: 'failed' });

  expect(parametersOf(requests[1]).get('status')).toBe('failed');
  expect(data[0].fields.find((field: { name: string }) => field.name === 'error_code').values).toEqual(['timeout']);
});

test('volumes over time are lines of what the engine tells', async () => {
  answers['/instances/1/storage/history'] = {
    data: [
      {
        scope: 'volume',
        name: 'C:',
        t: ['2026-11-01'],
        allocated_bytes: [null],
        used_bytes: [5],
        limit_bytes: [10],
        free_bytes: [5],
      },
    ],
  };

  const { data } = await run({ refId: 'A', queryType: 'storage', show: 'history', filters: { instance: ['1'] } });

  expect(data[0].fields.map((field: { name: string }) => field.name)).toEqual([
    'Time',
    'used_bytes',
    'limit_bytes',
    'free_bytes',
  ]);
});

test('a query by label without a key is not asked yet', () => {
  const query = { refId: 'A', queryType: 'series', groupBy: 'label' } as TidemarkQuery;
  expect(source.filterQuery(query)).toBe(false);
  expect(source.filterQuery({ ...query, groupLabel: 'env' } as TidemarkQuery)).toBe(true);
  expect(source.filterQuery({ ...query, groupLabel: 'env', hide: true } as TidemarkQuery)).toBe(false);
});

test('a query in one line', () => {
  const query = { refId: 'A', groupBy: 'owner', filters: { engine: ['mysql', 'oracle'] } };
  expect(source.getQueryDisplayText(query as never)).toBe('size by owner, value; engine: mysql, oracle');
});

test('Explore gets queries with the values of variables', () => {
  const [query] = source.interpolateVariablesInQueries(
    [{ refId: 'A', filters: { engine: ['$several'] } } as never],
    {},
  );
  expect(query?.filters.engine).toEqual(['a', 'b']);
});

test('a value that means everything is no filter', () => {
  const [query] = source.interpolateVariablesInQueries(
    [{ refId: 'A', filters: { owner: ['*'], engine: ['mysql', '*'] } } as never],
    {},
  );
  expect(query?.filters).toEqual({ owner: [], engine: ['mysql'] });
});

describe('health', () => {
  test('says who answers and what the token sees', async () => {
    answers['/me'] = { data: { name: 'R&D', role: 'viewer', version: '0.1.0' } };
    answers['/facets'] = {
      data: {
        engines: [
          { value: 'mysql', instances: 2 },
          { value: 'oracle', instances: 3 },
        ],
      },
    };

    await expect(source.testDatasource()).resolves.toEqual({
      status: 'success',
      message: 'Connected to Tidemark 0.1.0 with the token "R&D" (viewer), which sees 5 instances.',
    });
  });

  test('says what to do about a failure', async () => {
    await expect(source.testDatasource()).resolves.toEqual({ status: 'error', message: 'no /me' });
  });
});

test('requests show their failures in place, not in the corner of the window', async () => {
  answers['/series'] = { data: [] };
  await run({ refId: 'A' });
  expect(requests[0]).toMatchObject({ method: 'GET', showErrorAlert: false, showSuccessAlert: false });
});
