import { expect, test } from '@jest/globals';
import { screen, waitFor, within } from '@testing-library/react';

import { addDays, timeToDay } from '../../../plugin/src/format';
import Overview from '../../../plugin/src/pages/Overview';
import { answer, page } from '../support/fake-exporter';
import { renderPage } from '../support/render-page';
import {
  aDatabase,
  aForecast,
  aGrowthRow,
  anInstance,
  aRecord,
  aSession,
  cellsOf,
  facets,
  gibibyte,
  tableOf,
} from '../support/rows';

const empty = {
  'GET /facets': () => answer(facets),
  'GET /growth': () => page([]),
  'GET /collections': () => page([]),
  'GET /instances': () => page([]),
  'GET /series': () => answer([]),
  'GET /databases': () => page([]),
  'GET /forecasts': () => page([]),
};

test('the fleet in figures: total, growth, new and vanished databases', async () => {
  renderPage(Overview, {
    routes: {
      ...empty,
      'GET /growth': ({ query }) => page(query?.group_by === 'fleet' ? [aGrowthRow()] : []),
    },
  });

  const total = await screen.findByRole('group', { name: 'Total size' });
  expect(total).toHaveTextContent('300.00 GiB');
  expect(total).toHaveTextContent('40 databases');
  const growth = screen.getByRole('group', { name: 'Growth in 30 days' });
  expect(growth).toHaveTextContent('+50.00 GiB');
  expect(growth).toHaveTextContent('+20 %');
  expect(screen.getByRole('group', { name: 'New databases' })).toHaveTextContent('New databases23.00 GiB');
  expect(screen.getByRole('group', { name: 'Vanished databases' })).toHaveTextContent('Vanished databases00 B');
});

test('the last night: failed instances with what to do about them, then those that left databases out', async () => {
  const last = anInstance().last_collection;
  const troubled = {
    failed: anInstance({
      id: 2,
      name: 'crm-ora',
      last_collection: last && {
        ...last,
        status: 'failed',
        error_code: 'authentication_failed',
        error_message: 'The login is refused. Check user name and password.',
      },
    }),
    partial: anInstance({ id: 3, name: 'shop-ms', last_collection: last && { ...last, status: 'partial' } }),
  };
  const { asked } = renderPage(Overview, {
    at: 'page?owner=team-orders',
    routes: {
      ...empty,
      // The newest run was of one instance, after the night.
      'GET /collections': () =>
        page([
          aSession({
            id: 8,
            scope: { instance: 'orders-pg' },
            instances: { ...aSession().instances, total: 1, succeeded: 1 },
          }),
          // So was a start of the exporter, where the others had been measured that day.
          aSession({
            id: 9,
            trigger: 'startup',
            instances: { ...aSession().instances, total: 1, succeeded: 1 },
          }),
          aSession({
            status: 'partial',
            instances: { ...aSession().instances, total: 3, succeeded: 1, partial: 1, failed: 1 },
          }),
        ]),
      'GET /instances': ({ query }) => page([query?.status === 'failed' ? troubled.failed : troubled.partial]),
      'GET /instances/3/records': () =>
        page([
          aRecord({
            instance_id: 3,
            status: 'partial',
            failures: [{ database: 'archive', code: 'offline', message: 'The database is offline.' }],
          }),
        ]),
    },
  });

  const section = within(await screen.findByRole('region', { name: 'Last collection' }));
  await section.findByText('archive: The database is offline.');
  expect(cellsOf(section.getByRole('table')).map(([status, name, , reason]) => [status, name, reason])).toEqual([
    ['Failed', 'crm-ora', 'The login is refused. Check user name and password.'],
    ['Partial', 'shop-ms', 'archive: The database is offline.'],
  ]);
  expect(section.getByRole('link', { name: 'crm-ora' })).toHaveAttribute(
    'href',
    '/a/tidemark-storage-app/instances/2/collections',
  );
  expect(screen.getByText('Instances: 1 measured, 1 in part, 1 failed')).toBeInTheDocument();
  expect(section.getByText('Fleet (3)')).toBeInTheDocument();
  expect(asked('GET /instances').map(({ query }) => [query?.status, query?.owner, query?.active])).toEqual([
    ['failed', ['team-orders'], true],
    ['partial', ['team-orders'], true],
  ]);
});

test('more troubled instances than fit lead to all of them', async () => {
  renderPage(Overview, {
    routes: {
      ...empty,
      'GET /collections': () => page([aSession()]),
      'GET /instances': ({ query }) => (query?.status === 'failed' ? page([anInstance()], 14) : page([])),
    },
  });
  expect(await screen.findByRole('link', { name: '13 more failed' })).toHaveAttribute(
    'href',
    '/a/tidemark-storage-app/instances?status=failed',
  );
});

test('the largest and the fastest growing databases are asked for apart', async () => {
  const { asked } = renderPage(Overview, {
    routes: {
      ...empty,
      'GET /databases': ({ query }) =>
        page([query?.sort === '-size_bytes' ? aDatabase() : aDatabase({ database_name: 'events' })]),
    },
  });

  expect(cellsOf(await tableOf('Largest databases'))).toEqual([
    ['orders', 'orders-pg', '80.00 GiB', '+8.00 GiB', '+11.1 %'],
  ]);
  expect(cellsOf(await tableOf('Grew most'))).toEqual([['events', 'orders-pg', '80.00 GiB', '+8.00 GiB', '+11.1 %']]);
  expect(asked('GET /databases').map(({ query }) => [query?.sort, query?.growth_days, query?.limit])).toEqual([
    ['-size_bytes', 30, 10],
    ['-change_bytes', 30, 10],
  ]);
});

test('what is full soon, the nearest first', async () => {
  const { asked } = renderPage(Overview, { routes: { ...empty, 'GET /forecasts': () => page([aForecast()]) } });

  expect(cellsOf(await tableOf('Full soon'))).toEqual([
    ['orders', 'orders-pg', '80.00 GiB', '100.00 GiB', '80 %', '+512.00 MiB', '2027-01-01'],
  ]);
  expect(asked('GET /forecasts')[0]?.query).toMatchObject({ within_days: 180, sort: 'full_at' });
});

test('by engine and by owner: names as people write them, links to their instances', async () => {
  renderPage(Overview, {
    routes: {
      ...empty,
      'GET /growth': ({ query }) => {
        if (query?.group_by === 'engine') return page([aGrowthRow({ group: 'sqlserver' })]);
        if (query?.group_by !== 'owner') return page([]);
        return page([aGrowthRow({ group: 'team-orders' }), aGrowthRow({ group: null, change_bytes: -gibibyte })]);
      },
    },
  });

  const engines = await tableOf('By engine');
  expect(cellsOf(engines)).toEqual([['SQL Server', '40', '300.00 GiB', '+50.00 GiB', '+20 %']]);
  expect(within(engines).getByRole('link')).toHaveAttribute(
    'href',
    '/a/tidemark-storage-app/instances?engine=sqlserver',
  );
  const owners = await tableOf('By owner');
  expect(cellsOf(owners)).toEqual([
    ['team-orders', '40', '300.00 GiB', '+50.00 GiB', '+20 %'],
    ['None', '40', '300.00 GiB', '−1.00 GiB', '+20 %'],
  ]);
  // A link that says "no owner" and shows the whole fleet would mislead.
  expect(within(owners).getAllByRole('link')).toHaveLength(1);
});

test('the window and the filters of the address reach every request', async () => {
  const { asked, parameters, user } = renderPage(Overview, {
    routes: empty,
    at: 'page?days=90&engine=oracle&engine=mysql&label=environment%3Dtest',
  });

  await waitFor(() => expect(asked('GET /growth')).toHaveLength(3));
  for (const { query } of asked('GET /growth')) {
    expect(query).toMatchObject({ days: 90, engine: ['oracle', 'mysql'], label: ['environment=test'], owner: [] });
  }
  expect(asked('GET /databases')[0]?.query).toMatchObject({ growth_days: 90, engine: ['oracle', 'mysql'] });

  await user.click(screen.getByRole('radio', { name: '7 days' }));
  expect(parameters().get('days')).toBe('7');
  expect(parameters().getAll('engine')).toEqual(['oracle', 'mysql']);
  await waitFor(() => expect(asked('GET /growth').at(-1)?.query?.days).toBe(7));
});

test('how the chart is grouped is in the address', async () => {
  const { asked, parameters, user } = renderPage(Overview, { routes: empty, at: 'page?chart=owner' });

  await waitFor(() => expect(asked('GET /series')[0]?.query?.group_by).toBe('owner'));
  await user.click(screen.getByRole('radio', { name: 'Engine' }));
  expect(parameters().has('chart')).toBe(false);
  await waitFor(() => expect(asked('GET /series').at(-1)?.query?.group_by).toBe('engine'));
});

test('a fleet without measurements is told what to do next', async () => {
  renderPage(Overview, { routes: empty });

  expect(await screen.findByText('No active instance has been measured yet')).toBeInTheDocument();
  expect(screen.getByText(/start it on the page Collections/)).toBeInTheDocument();
  expect(await screen.findByText('No collection has run yet')).toBeInTheDocument();
});

test('where only parts of the fleet were measured, the last run says of which it was', async () => {
  renderPage(Overview, {
    routes: { ...empty, 'GET /collections': () => page([aSession({ scope: { instance: 'orders-pg' } })]) },
  });
  expect(await screen.findByText('Instance orders-pg')).toBeInTheDocument();
});

test('a filter that leaves nothing is not a fleet without measurements', async () => {
  renderPage(Overview, { routes: empty, at: 'page?owner=nobody' });
  expect(await screen.findByText('No active instance in this filter has been measured yet')).toBeInTheDocument();
});

test('of a new fleet nothing has grown most: it says from when on growth is known', async () => {
  const today = timeToDay(Date.now());
  const first = addDays(today, -10);
  const unknown = { days: 30, change_bytes: null, growth_rate: null };
  renderPage(Overview, {
    routes: {
      ...empty,
      'GET /databases': () =>
        page([
          aDatabase({ first_seen_date: addDays(today, -2), growth: unknown }),
          aDatabase({ database_name: 'events', first_seen_date: first, growth: unknown }),
        ]),
    },
  });
  const section = within(await screen.findByRole('region', { name: 'Grew most' }));
  expect(
    await section.findByText(`Measured since ${first}: growth in 30 days is known from ${addDays(today, 20)} on.`),
  ).toBeInTheDocument();
  expect(section.queryByRole('table')).not.toBeInTheDocument();
  expect(cellsOf(await tableOf('Largest databases'))).toHaveLength(2);
});

test('databases whose growth is not known are not among those that grew most', async () => {
  renderPage(Overview, {
    routes: {
      ...empty,
      'GET /databases': () => page([aDatabase(), aDatabase({ database_name: 'events', growth: null })]),
    },
  });
  expect(cellsOf(await tableOf('Grew most')).map(([name]) => name)).toEqual(['orders']);
});

test('one part that fails leaves the others', async () => {
  renderPage(Overview, {
    routes: {
      ...empty,
      'GET /databases': () => page([aDatabase()]),
      'GET /forecasts': () => ({
        status: 500,
        body: { error: { code: 'internal', message: 'Look into the log of the exporter.', details: null } },
      }),
    },
  });

  const broken = await screen.findByRole('region', { name: 'Full soon' });
  expect(await within(broken).findByRole('alert')).toHaveTextContent('Look into the log of the exporter.');
  expect(await tableOf('Largest databases')).toHaveTextContent('orders');
});
