import { expect, test } from '@jest/globals';
import { screen, waitFor, within } from '@testing-library/react';

import type { Engine } from '../../../plugin/src/data';
import Instances from '../../../plugin/src/pages/Instances';
import { answer, page, refusal } from '../support/fake-exporter';
import { renderPage } from '../support/render-page';
import { anInstance, cellsOf, facets, gibibyte } from '../support/rows';

const engines: Engine[] = [
  {
    engine: 'postgresql',
    name: 'PostgreSQL',
    default_port: 5432,
    default_database: 'postgres',
    versions: '12 and later',
    capabilities: {},
    grants: [{ for: 'measuring every database', statements: ['GRANT pg_monitor TO tidemark;'] }],
  },
];

const routes = {
  'GET /facets': () => answer(facets),
  'GET /engines': () => answer(engines),
  'GET /instances': () => page([anInstance()], 120),
};

const admin = { orgRole: 'Admin', tokenRole: 'admin' } as const;

test('a row tells engine, owner, labels, total size, growth and the last collection', async () => {
  renderPage(Instances, {
    routes: {
      ...routes,
      'GET /instances': () =>
        page([
          anInstance(),
          anInstance({
            id: 2,
            name: 'crm-ora',
            engine: 'oracle',
            server_version: null,
            owner: null,
            labels: {},
            active: false,
            total_size_bytes: null,
            database_count: 0,
            growth: { days: 30, change_bytes: -gibibyte, growth_rate: null },
            sparkline: null,
            last_collection: null,
          }),
        ]),
    },
  });

  const [first, second] = cellsOf(await screen.findByRole('table'));
  expect(first?.slice(0, 4)).toEqual([
    'orders-pgenvironment=production',
    'PostgreSQL 16.4',
    'team-orders',
    '120.00 GiB12 databases',
  ]);
  expect(first?.slice(4, 7)).toEqual(['', '+20.00 GiB', '+20 %']);
  expect(first?.[7]).toMatch(/^Succeeded/);
  // What is not known is a dash, never a zero.
  expect(second).toEqual(['crm-oraInactive', 'Oracle', '', '–', '', '−1.00 GiB', '–', 'Never measured']);
  expect(screen.getAllByRole('img', { name: /^Size of/ })).toHaveLength(1);
});

test('names read as they are written', async () => {
  renderPage(Instances, {
    ...admin,
    routes: { ...routes, 'GET /instances': () => page([anInstance({ name: "R&D's <pg>/1" })]) },
  });
  expect(await screen.findByRole('button', { name: "Remove R&D's <pg>/1" })).toBeInTheDocument();
  expect(screen.getByRole('img', { name: "Size of R&D's <pg>/1 by day" })).toBeInTheDocument();
});

test('search, filters, order and page go from the address to the request', async () => {
  const { asked } = renderPage(Instances, {
    routes,
    at: 'page?search=pg&owner=team-orders&status=failed&days=90&sort=-growth_rate&offset=50',
  });

  await screen.findByRole('table');
  expect(asked('GET /instances')[0]?.query).toEqual({
    search: 'pg',
    engine: [],
    owner: ['team-orders'],
    label: [],
    status: 'failed',
    growth_days: 90,
    sparkline_days: 30,
    sort: '-growth_rate',
    limit: 50,
    offset: 50,
  });
});

test('typing searches once, from the first page on', async () => {
  const { user, asked, parameters } = renderPage(Instances, { routes, at: 'page?offset=50' });
  await screen.findByRole('table');

  await user.type(screen.getByRole('textbox', { name: 'Search instances' }), 'orders');
  await waitFor(() => expect(parameters().get('search')).toBe('orders'));
  expect(parameters().has('offset')).toBe(false);
  await waitFor(() => expect(asked('GET /instances').at(-1)?.query).toMatchObject({ search: 'orders', offset: 0 }));
  expect(asked('GET /instances').length).toBeLessThan(4);
});

test('a heading sorts, the second time the other way round', async () => {
  const { user, parameters } = renderPage(Instances, { routes });
  const heading = async (name: string) => screen.findByRole('button', { name: `Sort column ${name}` });

  await user.click(await heading('Growth'));
  await waitFor(() => expect(parameters().get('sort')).toBe('-change_bytes'));
  await user.click(await heading('Growth'));
  await waitFor(() => expect(parameters().get('sort')).toBe('change_bytes'));
  await user.click(await heading('Total database size'));
  // The order of the page as it opens: not in the address.
  await waitFor(() => expect(parameters().has('sort')).toBe(false));
});

test('pages: which rows of how many, and the way to the next', async () => {
  const { user, parameters } = renderPage(Instances, {
    routes: { ...routes, 'GET /instances': ({ query }) => ({ status: 200, body: pageOf(Number(query?.offset)) }) },
  });
  expect(await screen.findByText('1 to 50 of 120')).toBeInTheDocument();

  await user.click(screen.getByRole('button', { name: /next page/i }));
  expect(await screen.findByText('51 to 100 of 120')).toBeInTheDocument();
  expect(parameters().get('offset')).toBe('50');
});

const pageOf = (offset: number) => ({ data: [anInstance()], page: { limit: 50, offset, total: 120 } });

test('only an administrator with an admin token sees buttons that change', async () => {
  renderPage(Instances, { routes, orgRole: 'Admin', tokenRole: 'viewer' });
  await screen.findByRole('table');
  expect(screen.queryByRole('button', { name: 'Add instance' })).not.toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Remove orders-pg' })).not.toBeInTheDocument();
});

test('an empty filter says what to do', async () => {
  renderPage(Instances, { routes: { ...routes, 'GET /instances': () => page([]) } });
  expect(await screen.findByText('No instances in this filter')).toBeInTheDocument();
  expect(screen.getByText(/Clear the filter/)).toBeInTheDocument();
});

test('adding: the form asks for what is missing, shows the grants, tries and saves', async () => {
  const { user, asked } = renderPage(Instances, {
    ...admin,
    routes: {
      ...routes,
      'POST /instances/test': () =>
        answer({
          server_version: 'PostgreSQL 16.4',
          encrypted: false,
          databases: 11,
          unmeasured_databases: 1,
          findings: [{ database: 'hr', code: 'permission_denied', message: 'GRANT CONNECT ON DATABASE hr.' }],
        }),
      'POST /instances': () => ({ status: 201, body: { data: anInstance() } }),
    },
  });
  await user.click(await screen.findByRole('button', { name: 'Add instance' }));
  const form = within(await screen.findByRole('dialog'));

  await user.click(form.getByRole('button', { name: 'Save' }));
  expect(form.getAllByText('Expected a value here')).toHaveLength(3);
  expect(asked('POST /instances')).toHaveLength(0);

  await user.click(form.getByRole('button', { name: /What the login needs/ }));
  expect(await form.findByText('GRANT pg_monitor TO tidemark;')).toBeInTheDocument();

  const fill = async (label: RegExp, value: string) => {
    await user.click(form.getByLabelText(label));
    await user.paste(value);
  };
  await fill(/^Name \*/, ' orders-pg ');
  await fill(/^Host/, 'db1.example.net');
  await fill(/^User name/, 'tidemark');
  await fill(/^Password/, 'secret');
  await user.click(form.getByRole('button', { name: 'Test connection' }));
  const result = await form.findByText('PostgreSQL 16.4: 11 databases can be measured');
  expect(result).toBeInTheDocument();
  expect(form.getByText('The connection is not encrypted.')).toBeInTheDocument();
  expect(form.getByText(/GRANT CONNECT ON DATABASE hr/)).toBeInTheDocument();

  await user.click(form.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(asked('POST /instances')).toHaveLength(1));
  const expected = {
    name: 'orders-pg',
    engine: 'postgresql',
    host: 'db1.example.net',
    username: 'tidemark',
    password: 'secret',
    labels: {},
    include: ['*'],
    exclude: [],
    tls: { mode: 'prefer' },
    estimate_on_timeout: false,
    active: true,
  };
  expect(asked('POST /instances')[0]?.body).toMatchObject(expected);
  expect(asked('POST /instances/test')[0]?.body).toMatchObject(expected);
  // What is left empty is left to the exporter.
  expect(Object.keys(asked('POST /instances')[0]?.body as object)).not.toEqual(
    expect.arrayContaining(['port', 'database', 'owner', 'secret_reference']),
  );
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
});

test('a refusal stays in the form, with its reason', async () => {
  const { user } = renderPage(Instances, {
    ...admin,
    routes: {
      ...routes,
      'PATCH /instances/1': () => refusal(409, 'name_taken', 'Another instance is called orders-pg.'),
    },
  });
  await user.click(await screen.findByRole('button', { name: 'Settings of orders-pg' }));
  const form = within(await screen.findByRole('dialog'));
  await user.click(form.getByRole('button', { name: 'Save' }));
  expect(await form.findByText('Another instance is called orders-pg.')).toBeInTheDocument();
});

test('a test tries what is typed; without the password it says what it cannot try', async () => {
  const { user, asked } = renderPage(Instances, {
    ...admin,
    routes: {
      ...routes,
      'POST /instances/1/test': () => refusal(502, 'connection_refused', 'Nobody listens there.'),
    },
  });
  await user.click(await screen.findByRole('button', { name: 'Settings of orders-pg' }));
  const form = within(await screen.findByRole('dialog'));

  await user.click(form.getByRole('button', { name: 'Test connection' }));
  expect(await form.findByText('Nobody listens there.')).toBeInTheDocument();
  expect(asked('POST /instances/1/test')).toHaveLength(1);

  // The saved instance would be tried instead of the one that the reader sees.
  await user.type(form.getByLabelText(/^Host/), '2');
  await user.click(form.getByRole('button', { name: 'Test connection' }));
  expect(await form.findByText(/Enter the password/)).toBeInTheDocument();
  expect(asked('POST /instances/1/test')).toHaveLength(1);
});

test('a provisioned instance is shown, not changed, and says where it is changed', async () => {
  const { user } = renderPage(Instances, {
    ...admin,
    routes: { ...routes, 'GET /instances': () => page([anInstance({ source: 'file' })]) },
  });
  await user.click(await screen.findByRole('button', { name: 'Settings of orders-pg' }));
  const form = within(await screen.findByRole('dialog'));

  expect(form.getByText(/change it there and restart the exporter/)).toBeInTheDocument();
  expect(form.getByLabelText(/^Name \*/)).toBeDisabled();
  expect(form.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Remove orders-pg' })).not.toBeInTheDocument();
});

test('removing asks for the name, because the history goes too', async () => {
  const { user, asked } = renderPage(Instances, {
    ...admin,
    routes: { ...routes, 'DELETE /instances/1': () => ({ status: 204, body: null }) },
  });
  await user.click(await screen.findByRole('button', { name: 'Remove orders-pg' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByText(/All measurements and statistics of orders-pg go with it/)).toBeInTheDocument();
  expect(dialog.getByRole('button', { name: 'Remove' })).toBeDisabled();

  await user.type(dialog.getByRole('textbox'), 'orders-pg');
  await user.click(dialog.getByRole('button', { name: 'Remove' }));
  await waitFor(() => expect(asked('DELETE /instances/1')).toHaveLength(1));
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
});
