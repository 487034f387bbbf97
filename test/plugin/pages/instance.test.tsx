import { expect, test, type jest as jestGlobal } from '@jest/globals';
import { screen, waitFor, within } from '@testing-library/react';

import type { PeriodStatistics, Series, StorageRow, Trends } from '../../../plugin/src/data';
import Instance from '../../../plugin/src/pages/Instance';
import { usageOf } from '../../../plugin/src/pages/Instance/UsageBar';
import { trendSeries } from '../../../plugin/src/pages/Instance/TrendChart';
import { answer, page, refusal } from '../support/fake-exporter';
import { renderPage } from '../support/render-page';
import { aDatabase, anInstance, aRecord, aSession, cellsOf, gibibyte, statisticsOf, tableOf } from '../support/rows';

// Calls of the global are put before the imports, those of an imported one are not.
declare const jest: typeof jestGlobal;
jest.mock('../../../plugin/src/components/SizeChart', () => jest.requireActual('../support/size-chart'));

const line = (changes: Partial<Series>): Series => ({
  group: null,
  instance_id: 1,
  instance_name: 'orders-pg',
  database_name: null,
  other: false,
  t: ['2026-11-20', '2026-11-21'],
  values: [10, 20],
  ...changes,
});

const trends: Trends = {
  trends: [
    {
      period: '2026-10',
      period_start: '2026-10-01',
      total_size_bytes: 30,
      databases: [
        { database_name: 'orders', avg_size_bytes: 20, growth_rate: null },
        { database_name: 'billing', avg_size_bytes: 10, growth_rate: null },
      ],
    },
    {
      period: '2026-11',
      period_start: '2026-11-01',
      total_size_bytes: 40,
      databases: [{ database_name: 'orders', avg_size_bytes: 40, growth_rate: 100 }],
    },
  ],
  summary: { total_growth_rate: 33.3, largest_database: 'orders', fastest_growing: 'orders' },
};

const storage: StorageRow[] = [
  {
    scope: 'volume',
    name: '/data',
    collected_at: '2026-11-22T03:00:02Z',
    allocated_bytes: null,
    used_bytes: 90 * gibibyte,
    limit_bytes: 100 * gibibyte,
    free_bytes: 10 * gibibyte,
  },
  {
    scope: 'log',
    name: 'pg_wal',
    collected_at: '2026-11-22T03:00:02Z',
    allocated_bytes: 2 * gibibyte,
    used_bytes: null,
    limit_bytes: null,
    free_bytes: null,
  },
];

const routes = {
  'GET /instances/1': () => answer(anInstance()),
  'GET /instances/1/databases': () => page([aDatabase()]),
  'GET /series': () => answer([line({ database_name: 'orders' })]),
  'GET /instances/1/database-sizes/aggregations': () => answer([] as PeriodStatistics[]),
  'GET /instances/1/database-sizes/trends': () => answer(trends),
  'GET /instances/1/storage': () => answer(storage),
  'GET /instances/1/storage/history': () => answer([]),
  'GET /instances/1/records': () => page([aRecord()]),
};

const at = (tab: string, query = '') => ({ path: 'instances/:instanceId/:tab', at: `instances/1/${tab}${query}` });

test('what the instance is, how large, and the last collection', async () => {
  renderPage(Instance, { ...at('storage'), routes });
  expect(await screen.findByText(/PostgreSQL 16.4 · db1.example.net:5432 · team-orders/)).toBeInTheDocument();
  expect(screen.getByRole('group', { name: 'Total database size' })).toHaveTextContent('120.00 GiB');
  expect(screen.getByRole('group', { name: 'Last collection' })).toHaveTextContent(/^Succeeded/);
});

test('storage: the last 30 days, stacked, a line a database and the rest', async () => {
  const { asked } = renderPage(Instance, {
    ...at('storage'),
    routes: {
      ...routes,
      'GET /series': () =>
        answer([line({ database_name: 'orders' }), line({ database_name: null, other: true, values: [1, null] })]),
    },
  });
  const chart = within(await screen.findByRole('figure', { name: 'Size by day' }));
  expect(chart.getByText(/, area, stacked$/)).toBeInTheDocument();
  expect(chart.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    'orders: 2026-11-20=10 2026-11-21=20',
    'Others: 2026-11-20=1 2026-11-21=null',
  ]);
  const query = asked('GET /series')[0]?.query;
  expect(query).toMatchObject({ instance_id: [1], group_by: 'database', measure: 'size', top: 15 });
  const days = Date.parse(String(query?.end_date)) - Date.parse(String(query?.start_date));
  expect(days / 86_400_000).toBe(30);
});

test('storage: range, databases, measure and style are in the address', async () => {
  const { user, asked, parameters } = renderPage(Instance, {
    ...at('storage', '?from=2026-10-01&to=2026-10-31&database=orders&database=billing&measure=data&style=bars'),
    routes,
  });
  const chart = within(await screen.findByRole('figure', { name: 'Size by day' }));
  expect(chart.getByText('2026-10-01 to 2026-10-31, bars, stacked')).toBeInTheDocument();
  expect(asked('GET /series')[0]?.query).toMatchObject({
    start_date: '2026-10-01',
    end_date: '2026-10-31',
    database_name: ['orders', 'billing'],
    measure: 'data',
  });

  await user.click(screen.getByRole('radio', { name: 'Log' }));
  expect(parameters().get('measure')).toBe('log');
  await user.click(screen.getByRole('radio', { name: 'Lines' }));
  expect(parameters().get('style')).toBe('area');
  await user.click(chart.getByRole('button', { name: 'Zoom' }));
  await waitFor(() =>
    expect(asked('GET /series').at(-1)?.query).toMatchObject({ start_date: '2026-11-01', end_date: '2026-11-10' }),
  );
});

test('databases: last size, data, log, growth, share; gone and estimated ones are marked', async () => {
  renderPage(Instance, {
    ...at('storage'),
    routes: {
      ...routes,
      'GET /instances/1/databases': () =>
        page([
          aDatabase({ log_bytes: gibibyte }),
          aDatabase({
            database_name: 'old',
            gone_since: '2026-11-10',
            method: 'estimate',
            data_bytes: null,
            index_bytes: null,
            growth: null,
            share: null,
          }),
        ]),
    },
  });
  const cells = cellsOf(await tableOf('Databases'));
  expect(cells[0]).toEqual([
    'orders',
    '80.00 GiB',
    '60.00 GiB',
    '1.00 GiB',
    '20.00 GiB',
    '+8.00 GiB',
    '+11.1 %',
    '66.7 %',
    '',
  ]);
  expect(cells[1]).toEqual(['oldGone since 2026-11-10Estimate', '80.00 GiB', '–', '–', '–', '–', '–', '–', '']);
});

test('databases: search, order, and those that are gone', async () => {
  const { user, asked, parameters } = renderPage(Instance, { ...at('storage'), routes });
  await tableOf('Databases');
  await user.click(screen.getByRole('button', { name: 'Sort column Log' }));
  await waitFor(() => expect(parameters().get('sort')).toBe('-log_bytes'));
  await user.click(screen.getByRole('switch', { name: /gone/ }));
  await user.click(screen.getByRole('textbox', { name: 'Search databases' }));
  await user.paste('ord');
  await waitFor(() =>
    expect(asked('GET /instances/1/databases').at(-1)?.query).toMatchObject({
      search: 'ord',
      include_gone: true,
      sort: '-log_bytes',
    }),
  );
});

test('statistics: each database and period, the running one marked, sorted here', async () => {
  const { user } = renderPage(Instance, {
    ...at('statistics', '?period=weekly'),
    routes: {
      ...routes,
      'GET /instances/1/database-sizes/aggregations': () =>
        answer([
          statisticsOf('orders', { avg_size_bytes: 3 * gibibyte }, { is_complete: false }),
          statisticsOf('Billing', { avg_size_bytes: 20 * gibibyte, change_bytes: null, growth_rate: null }),
        ]),
    },
  });
  const table = await tableOf('By database and period');
  expect(cellsOf(table)).toEqual([
    [
      'orders',
      '2026-11-16 – 2026-11-22Running',
      '3.00 GiB',
      '12.00 GiB',
      '9.00 GiB',
      '+3.00 GiB',
      '+33.3 %',
      '6 (85.7 %)',
    ],
    ['Billing', '2026-11-16 – 2026-11-22', '20.00 GiB', '12.00 GiB', '9.00 GiB', '–', '–', '6 (85.7 %)'],
  ]);
  await user.click(within(table).getByRole('button', { name: 'Sort column Average' }));
  expect(cellsOf(table).map(([name]) => name)).toEqual(['Billing', 'orders']);
  await user.click(within(table).getByRole('button', { name: 'Sort column Database' }));
  expect(cellsOf(table).map(([name]) => name)).toEqual(['Billing', 'orders']);
  await user.click(within(table).getByRole('button', { name: 'Sort column Database' }));
  expect(cellsOf(table).map(([name]) => name)).toEqual(['orders', 'Billing']);
});

test('statistics: trend, summary, and the switch of the period', async () => {
  const { user, asked, parameters } = renderPage(Instance, { ...at('statistics'), routes });
  expect(await screen.findByRole('group', { name: 'Total growth' })).toHaveTextContent('+33.3 %');
  expect(screen.getByRole('group', { name: 'Fastest growing' })).toHaveTextContent('orders');
  const chart = within(screen.getByRole('figure'));
  expect(chart.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    'orders: 2026-10-01=20 2026-11-01=40',
    'billing: 2026-10-01=10 2026-11-01=null',
  ]);

  await user.click(screen.getByRole('radio', { name: 'Quarter' }));
  expect(parameters().get('period')).toBe('quarterly');
  await waitFor(() =>
    expect(asked('GET /instances/1/database-sizes/trends').at(-1)?.query).toEqual({
      period_type: 'quarterly',
      months: 36,
    }),
  );
  expect(asked('GET /instances/1/database-sizes/aggregations').at(-1)?.query?.period_type).toBe('quarterly');
});

test('statistics: growth by period, as lines in percent', async () => {
  renderPage(Instance, { ...at('statistics', '?show=growth'), routes });
  const chart = within(await screen.findByRole('figure'));
  expect(chart.getByText('2026-09-15 to 2026-11-17, lines, percent')).toBeInTheDocument();
  expect(chart.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    'orders: 2026-10-01=null 2026-11-01=100',
    'billing: 2026-10-01=null 2026-11-01=null',
  ]);
});

test('statistics: a search from a later page shows what it finds', async () => {
  const { user } = renderPage(Instance, {
    ...at('statistics'),
    routes: {
      ...routes,
      'GET /instances/1/database-sizes/aggregations': () =>
        answer(Array.from({ length: 120 }, (_, index) => statisticsOf(`shop_${String(index).padStart(3, '0')}`))),
    },
  });
  const table = await tableOf('By database and period');
  expect(cellsOf(table)).toHaveLength(50);
  await user.click(screen.getByRole('button', { name: /next page/i }));
  expect(cellsOf(table)[0]?.[0]).toBe('shop_050');

  await user.click(screen.getByRole('textbox', { name: 'Search databases' }));
  await user.paste('SHOP_007');
  await waitFor(() => expect(cellsOf(table).map(([name]) => name)).toEqual(['shop_007']));
});

test('the trend of many databases: the largest, and the rest added up', () => {
  const many = trends.trends.map((period, at) => ({
    ...period,
    databases: Array.from({ length: 20 }, (_, index) => ({
      database_name: `db${index}`,
      avg_size_bytes: (index + 1) * (at + 1),
      growth_rate: null,
    })),
  }));
  const series = trendSeries(many, '');
  expect(series).toHaveLength(16);
  expect(series[0]).toMatchObject({ name: 'db19', values: [20, 40] });
  // 1 + 2 + 3 + 4 + 5
  expect(series.at(-1)).toMatchObject({ name: 'Others', values: [15, 30] });
  expect(trendSeries(many, 'DB19')).toHaveLength(1);
});

test('files and volumes: used, limit, free, and how full', async () => {
  renderPage(Instance, { ...at('files'), routes });
  const [volume] = cellsOf(await tableOf('Volumes'));
  expect(volume?.slice(0, 7)).toEqual(['/data', '–', '90.00 GiB', '100.00 GiB', '10.00 GiB', '', '90 %']);
  expect(screen.getByRole('img', { name: '/data: 90 %' })).toBeInTheDocument();
  const [log] = cellsOf(await tableOf('Logs of the server'));
  expect(log?.slice(0, 7)).toEqual(['pg_wal', '2.00 GiB', '–', '–', '–', '', '–']);
  expect(screen.queryByRole('region', { name: 'Tablespaces' })).not.toBeInTheDocument();
});

test.each([
  [{ allocated_bytes: 50, used_bytes: 20, limit_bytes: 100, free_bytes: 30 }, 0.2],
  [{ allocated_bytes: null, used_bytes: 20, limit_bytes: null, free_bytes: 60 }, 0.25],
  [{ allocated_bytes: null, used_bytes: null, limit_bytes: 100, free_bytes: 30 }, 0.7],
  [{ allocated_bytes: 50, used_bytes: null, limit_bytes: null, free_bytes: null }, null],
  [{ allocated_bytes: null, used_bytes: 120, limit_bytes: 100, free_bytes: 0 }, 1],
])('how full %j is', (row, expected) => {
  expect(usageOf(row)).toBe(expected);
});

test('history of collections, newest first, each with the way to its run', async () => {
  renderPage(Instance, { ...at('collections'), routes });
  const table = await tableOf('History of collections');
  expect(within(table).getByRole('link', { name: '#7' })).toHaveAttribute(
    'href',
    '/a/tidemark-storage-app/collections/7',
  );
});

test('an instance that does not exist says so, with the way to those that do', async () => {
  renderPage(Instance, {
    ...at('storage'),
    routes: { 'GET /instances/1': () => refusal(404, 'not_found', 'there is no instance 1') },
  });
  expect(await screen.findByText('There is no instance 1')).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'All instances' })).toHaveAttribute(
    'href',
    '/a/tidemark-storage-app/instances',
  );
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
});

test.each(['abc', '0', '-1', '1.5', '1e3', '99999999999999999999'])(
  'what cannot be the id of an instance is not asked for: %s',
  async (id) => {
    const { asked } = renderPage(Instance, {
      path: 'instances/:instanceId/:tab',
      at: `instances/${id}/storage`,
      routes,
    });
    expect(await screen.findByText(`There is no instance ${id}`)).toBeInTheDocument();
    expect(asked(`GET /instances/${id}`)).toHaveLength(0);
    expect(asked('GET /instances/NaN')).toHaveLength(0);
  },
);

test('another failure than that is told as it is', async () => {
  renderPage(Instance, {
    ...at('storage'),
    routes: { ...routes, 'GET /instances/1': () => refusal(403, 'forbidden', 'The token may not read.') },
  });
  expect(await screen.findByText('The token may not read.')).toBeInTheDocument();
});

test('measure now is for servers, not for what is made up for the demonstration', async () => {
  const started = { 'POST /collections': () => answer({ ...aSession({ id: 9 }), joined: false }) };
  const { user, asked } = renderPage(Instance, {
    ...at('storage'),
    orgRole: 'Editor',
    routes: { ...routes, ...started, 'GET /instances/1': () => answer(anInstance({ source: 'demonstration' })) },
  });
  const button = await screen.findByRole('button', { name: 'Measure now' });
  expect(button).toHaveAttribute('aria-disabled', 'true');
  await user.hover(button);
  expect(await screen.findByText(/made up for the demonstration/)).toBeInTheDocument();
  await user.click(button);
  expect(asked('POST /collections')).toHaveLength(0);
});

test('labels are whole where there is room for them', async () => {
  renderPage(Instance, { ...at('storage'), routes });
  expect(await screen.findByText('environment=production')).not.toHaveStyle({ textOverflow: 'ellipsis' });
});

test('an unknown tab is the first one', async () => {
  renderPage(Instance, { ...at('constructor'), routes });
  expect(await screen.findByRole('figure', { name: 'Size by day' })).toBeInTheDocument();
});
