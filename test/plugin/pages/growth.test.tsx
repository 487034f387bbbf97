import { expect, test } from '@jest/globals';
import { screen, waitFor, within } from '@testing-library/react';

import Growth from '../../../plugin/src/pages/Growth';
import { occupancyTree } from '../../../plugin/src/pages/Growth/tree';
import { answer, page } from '../support/fake-exporter';
import { renderPage } from '../support/render-page';
import { aDatabase, aGrowthRow, cellsOf, facets, gibibyte, tableOf } from '../support/rows';

const databases = [
  aDatabase(),
  aDatabase({ database_name: 'billing', size_bytes: 40 * gibibyte }),
  aDatabase({
    instance_id: 2,
    instance_name: 'crm-ora',
    engine: 'oracle',
    owner: null,
    database_name: 'CRM',
    size_bytes: 30 * gibibyte,
    growth: null,
  }),
];

const routes = {
  'GET /facets': () => answer(facets),
  'GET /databases': () => page(databases),
  'GET /growth': () =>
    page([
      aGrowthRow({ instance_id: 1, instance_name: 'orders-pg', database_name: 'orders', new_count: 0 }),
      aGrowthRow({
        instance_id: 2,
        instance_name: 'crm-ora',
        database_name: 'CRM',
        previous_size_bytes: null,
        change_bytes: null,
        growth_rate: null,
        new_count: 1,
      }),
    ]),
};

test('databases with size before and now, growth, and what is new', async () => {
  const { asked } = renderPage(Growth, { routes });

  const table = await tableOf('Growth in 30 days');
  expect(cellsOf(table)).toEqual([
    ['orders', 'orders-pg', '250.00 GiB', '300.00 GiB', '+50.00 GiB', '+20 %', '', ''],
    ['CRM', 'crm-ora', '–', '300.00 GiB', '–', '–', '1 (3.00 GiB)', ''],
  ]);
  expect(within(table).getByRole('link', { name: 'CRM' })).toHaveAttribute(
    'href',
    '/a/tidemark-storage-app/instances/2/databases/CRM',
  );
  expect(asked('GET /growth')[0]?.query).toMatchObject({
    days: 30,
    group_by: 'database',
    order: 'growth',
    limit: 50,
    offset: 0,
  });
});

test('group, order and window are in the address, and each starts at the first page', async () => {
  const { user, asked, parameters } = renderPage(Growth, { routes, at: 'page?offset=50&days=7' });
  await tableOf('Growth in 7 days');
  expect(asked('GET /growth')[0]?.query).toMatchObject({ days: 7, offset: 50 });

  await user.click(screen.getByRole('radio', { name: 'Shrank most' }));
  expect(parameters().get('order')).toBe('shrink');
  expect(parameters().has('offset')).toBe(false);
  const groups = within(screen.getByRole('radiogroup', { name: 'Grouped by' }));
  await user.click(groups.getByRole('radio', { name: 'Owner' }));
  await waitFor(() =>
    expect(asked('GET /growth').at(-1)?.query).toMatchObject({ order: 'shrink', group_by: 'owner', offset: 0 }),
  );
});

test('groups: the fleet, an engine by its name, no owner', async () => {
  const { user } = renderPage(Growth, {
    routes: {
      ...routes,
      'GET /growth': ({ query }) =>
        page([aGrowthRow({ group: query?.group_by === 'engine' ? 'mysql' : null, database_count: 40 })]),
    },
    at: 'page?group_by=engine',
  });
  const firstCell = async () => cellsOf(await tableOf('Growth in 30 days'))[0];
  expect(await firstCell()).toEqual([
    'MySQL / MariaDB',
    '250.00 GiB',
    '300.00 GiB',
    '+50.00 GiB',
    '+20 %',
    '2 (3.00 GiB)',
    '',
    '40',
  ]);

  const groups = within(screen.getByRole('radiogroup', { name: 'Grouped by' }));
  await user.click(groups.getByRole('radio', { name: 'Owner' }));
  await waitFor(async () => expect((await firstCell())?.[0]).toBe('None'));
  await user.click(groups.getByRole('radio', { name: 'Fleet' }));
  await waitFor(async () => expect((await firstCell())?.[0]).toBe('Fleet'));
});

test('who occupies the space: tiles as large as the databases, which lead to them', async () => {
  renderPage(Growth, { routes });
  const picture = within(await screen.findByRole('list', { name: 'Who occupies the space' }));

  expect(await picture.findByRole('button', { name: 'PostgreSQL: 120.00 GiB, 80 %' })).toBeInTheDocument();
  const tile = picture.getByRole('link', { name: /^PostgreSQL › orders-pg › orders: 80.00 GiB, 53.3 %/ });
  expect(tile).toHaveAttribute('href', '/a/tidemark-storage-app/instances/1/databases/orders');
});

test('the tree of the picture, by engine, owner and instance', () => {
  const names = (area: 'engine' | 'owner' | 'instance') =>
    (occupancyTree(databases, area).children ?? []).map(({ name, children }) => [
      name,
      (children ?? []).map((child) => child.name),
    ]);
  expect(names('engine')).toEqual([
    ['PostgreSQL', ['orders-pg']],
    ['Oracle', ['crm-ora']],
  ]);
  expect(names('owner')).toEqual([
    ['team-orders', ['orders-pg']],
    ['None', ['crm-ora']],
  ]);
  expect(names('instance')).toEqual([
    ['orders-pg', ['orders', 'billing']],
    ['crm-ora', ['CRM']],
  ]);
});

test('nothing to compare: says which window to choose', async () => {
  renderPage(Growth, { routes: { ...routes, 'GET /growth': () => page([]), 'GET /databases': () => page([]) } });
  expect(await screen.findByText('Nothing to compare in this filter')).toBeInTheDocument();
  expect(screen.getByText(/choose a shorter one/)).toBeInTheDocument();
  expect(await screen.findByText('No databases in this filter')).toBeInTheDocument();
});
