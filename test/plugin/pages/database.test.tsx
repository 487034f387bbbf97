import { expect, test, type jest as jestGlobal } from '@jest/globals';
import { screen, waitFor, within } from '@testing-library/react';

import type { DatabaseHistory, PredictedForecast, SizeChange } from '../../../plugin/src/data';
import Database from '../../../plugin/src/pages/Database';
import { answer, page } from '../support/fake-exporter';
import { renderPage } from '../support/render-page';
import { aDatabase, aForecast, anInstance, cellsOf, gibibyte, statisticsOf, tableOf } from '../support/rows';

// Calls of the global are put before the imports, those of an imported one are not.
declare const jest: typeof jestGlobal;
jest.mock('../../../plugin/src/components/SizeChart', () => jest.requireActual('../support/size-chart'));

const point = (collected_date: string, size_bytes: number, log_bytes: number | null = null) => ({
  collected_at: `${collected_date}T03:00:00Z`,
  collected_date,
  size_mb: 0,
  data_size_mb: null,
  log_size_mb: null,
  size_bytes,
  data_bytes: null,
  log_bytes,
  method: 'exact',
});

const history: DatabaseHistory[] = [
  { database_name: 'orders', stats: [point('2026-11-20', 100, 5), point('2026-11-21', 150)] },
];

const changes: SizeChange[] = [
  { database_name: 'orders', kind: 'step_up', date: '2026-11-21', change_bytes: 50 * gibibyte, score: 8 },
  { database_name: 'orders', kind: 'appeared', date: '2026-11-01' },
];

const forecast: PredictedForecast = {
  ...aForecast(),
  predicted: {
    t: ['2026-11-23', '2026-12-01'],
    size_bytes: [81, 85],
    low_bytes: [80, 80],
    high_bytes: [82, 90],
  },
};

const routes = {
  'GET /instances/1': () => answer(anInstance()),
  'GET /instances/1/databases': () => page([aDatabase({ database_name: 'orders_archive' }), aDatabase()]),
  'GET /instances/1/database-sizes': () => answer(history),
  'GET /instances/1/database-sizes/changes': () => answer(changes),
  'GET /instances/1/forecasts': () => answer([forecast]),
  'GET /instances/1/database-sizes/aggregations': () => answer([statisticsOf('orders')]),
};

const at = (query = '') => ({
  path: 'instances/:instanceId/databases/:databaseName',
  at: `instances/1/databases/orders${query}`,
});

test('the latest figures are those of this database, not of one whose name holds its name', async () => {
  renderPage(Database, {
    ...at(),
    routes: {
      ...routes,
      'GET /instances/1/databases': () =>
        page([
          aDatabase({ database_name: 'orders_archive', size_bytes: 1 }),
          aDatabase({ limit_bytes: 100 * gibibyte }),
        ]),
    },
  });
  expect(await screen.findByRole('group', { name: 'Size' })).toHaveTextContent('80.00 GiB');
  expect(screen.getByRole('group', { name: 'Growth in 30 days' })).toHaveTextContent('+8.00 GiB+11.1 %');
  expect(screen.getByRole('group', { name: 'Log' })).toHaveTextContent('Log–');
  expect(screen.getByRole('group', { name: 'Limit' })).toHaveTextContent('100.00 GiB80 %');
  expect(screen.getByRole('group', { name: 'Share of the instance' })).toHaveTextContent(
    '66.7 %Known since 2025-11-01',
  );
});

test('history: total and log by day, with marks where it began and jumped', async () => {
  const { asked } = renderPage(Database, { ...at('?from=2026-11-01&to=2026-11-22'), routes });
  const chart = within(await screen.findByRole('figure', { name: 'History' }));
  expect(chart.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    'Total: 2026-11-20=100 2026-11-21=150',
    'Log: 2026-11-20=5 2026-11-21=null',
  ]);
  expect(await chart.findByText('warning 2026-11-21: jumped by +50.00 GiB')).toBeInTheDocument();
  expect(chart.getByText('info 2026-11-01: appeared')).toBeInTheDocument();
  // The same in words, for those who do not see the chart.
  const list = within(screen.getByRole('list', { name: 'What happened' }));
  expect(list.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    '2026-11-21: jumped by +50.00 GiB',
    '2026-11-01: appeared',
  ]);
  expect(asked('GET /instances/1/database-sizes')[0]?.query).toEqual({
    start_date: '2026-11-01',
    end_date: '2026-11-22',
    database_name: 'orders',
  });
});

test('history: the last 90 days unless said, and the range of a zoom', async () => {
  const { user, asked } = renderPage(Database, { ...at(), routes });
  const chart = within(await screen.findByRole('figure', { name: 'History' }));
  const query = asked('GET /instances/1/database-sizes')[0]?.query;
  expect((Date.parse(String(query?.end_date)) - Date.parse(String(query?.start_date))) / 86_400_000).toBe(90);

  await user.click(chart.getByRole('button', { name: 'Zoom' }));
  await waitFor(() =>
    expect(asked('GET /instances/1/database-sizes').at(-1)?.query).toMatchObject({
      start_date: '2026-11-01',
      end_date: '2026-11-10',
    }),
  );
});

test('forecast: the line, its bounds, the limit and the day it is reached', async () => {
  renderPage(Database, { ...at(), routes });
  const chart = within(await screen.findByRole('figure', { name: 'Forecast' }));
  const limit = 100 * gibibyte;
  expect(chart.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    'Expected size: 2026-11-23=81 2026-12-01=85',
    'Lower bound: 2026-11-23=80 2026-12-01=80',
    'Upper bound: 2026-11-23=82 2026-12-01=90',
    `Limit: 2026-11-23=${limit} 2026-12-01=${limit}`,
  ]);
  expect(screen.getByRole('group', { name: 'Full on' })).toHaveTextContent('2027-01-01');
  expect(screen.getByRole('group', { name: 'Per day' })).toHaveTextContent('+512.00 MiB');
  expect(screen.getByRole('group', { name: 'Fit of the line' })).toHaveTextContent('98 %From 90 measurements');
});

test('too little history for a forecast, no limit to reach', async () => {
  renderPage(Database, { ...at(), routes: { ...routes, 'GET /instances/1/forecasts': () => answer([]) } });
  expect(await screen.findByText('Too little history for a forecast')).toBeInTheDocument();
});

test('statistics by month unless said', async () => {
  const { user, asked, parameters } = renderPage(Database, { ...at(), routes });
  expect(cellsOf(await tableOf('Statistics'))[0]?.[0]).toBe('orders');
  expect(asked('GET /instances/1/database-sizes/aggregations')[0]?.query).toEqual({
    period_type: 'monthly',
    database_name: 'orders',
  });
  await user.click(screen.getByRole('radio', { name: 'Week' }));
  expect(parameters().get('period')).toBe('weekly');
});

test('a database that is gone says since when', async () => {
  renderPage(Database, {
    ...at(),
    routes: { ...routes, 'GET /instances/1/databases': () => page([aDatabase({ gone_since: '2026-11-10' })]) },
  });
  expect(await screen.findByText(/Since 2026-11-10; what is shown is its last measurement/)).toBeInTheDocument();
});

test('a database that nobody has measured', async () => {
  renderPage(Database, { ...at(), routes: { ...routes, 'GET /instances/1/databases': () => page([]) } });
  expect(await screen.findByText('This database has never been measured')).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'Databases of the instance' })).toHaveAttribute(
    'href',
    '/a/tidemark-storage-app/instances/1/storage',
  );
  expect(screen.queryByRole('region')).not.toBeInTheDocument();
});

test('a database of an instance that does not exist', async () => {
  renderPage(Database, { ...at(), routes: {} });
  expect(await screen.findByText('There is no instance 1')).toBeInTheDocument();
});
