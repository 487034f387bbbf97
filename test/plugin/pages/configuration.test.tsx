import { expect, test } from '@jest/globals';
import { setBackendSrv, setDataSourceSrv, type BackendSrv, type DataSourceSrv } from '@grafana/runtime';
import { screen, waitFor, within } from '@testing-library/react';

import { TidemarkClient, type AuditEntry, type Setting, type Token } from '../../../plugin/src/data';
import { checkHealth } from '../../../plugin/src/datasource/health';
import Configuration from '../../../plugin/src/pages/Configuration';
import { changesText } from '../../../plugin/src/pages/Configuration/AuditLog';
import { answer, fakeExporter, page, refusal } from '../support/fake-exporter';
import { me, renderPage } from '../support/render-page';
import { cellsOf, facets, tableOf } from '../support/rows';

const settings: Setting[] = [
  {
    name: 'retention_days',
    value: 365,
    default: 365,
    source: 'repository',
    editable: true,
    description: 'How long daily sizes are kept.',
    minimum: 1,
    unit: 'days',
    changed_by: "anna & Tom's",
    changed_at: '2026-11-20T10:00:00Z',
  },
  {
    name: 'collect_enabled',
    value: true,
    default: true,
    source: 'environment',
    editable: false,
    description: 'Whether the fleet is measured by schedule.',
    changed_by: null,
    changed_at: null,
  },
];

const tokens: Token[] = [
  {
    id: 1,
    name: 'grafana',
    role: 'admin',
    owner: null,
    created_at: '2026-11-01T00:00:00Z',
    created_by: 'first admin',
    expires_at: null,
    last_used_at: null,
    revoked_at: null,
  },
  {
    id: 2,
    name: 'old',
    role: 'owner',
    owner: 'team-orders',
    created_at: '2026-10-01T00:00:00Z',
    created_by: 'grafana',
    expires_at: '2026-12-01T00:00:00Z',
    last_used_at: null,
    revoked_at: '2026-11-01T00:00:00Z',
  },
];

const audit: AuditEntry[] = [
  {
    id: 5,
    at: '2026-11-20T10:00:00Z',
    actor: 'anna',
    role: 'admin',
    action: 'change',
    object_type: 'setting',
    object_id: null,
    object_name: 'retention_days',
    changes: { retention_days: [400, 365] },
  },
];

const routes = {
  'GET /me': () => answer(me('admin')),
  'GET /facets': () => answer(facets),
  'GET /settings': () => answer(settings),
  'GET /tokens': () => page(tokens),
  'GET /audit': () => page(audit),
};

interface Stored {
  url: string;
  readOnly?: boolean;
  secureJsonFields?: Record<string, boolean>;
}

/** The page with a data source that Grafana keeps; what is written to it lands in `written`. */
function show({
  at = 'page',
  stored = { url: 'http://exporter:9786', secureJsonFields: { apiToken: true } },
  changes = {},
  orgRole = 'Admin',
}: {
  at?: string;
  stored?: Stored | null;
  changes?: Parameters<typeof fakeExporter>[0];
  orgRole?: 'Viewer' | 'Admin';
} = {}) {
  const { send, requests } = fakeExporter({ ...routes, ...changes });
  // The class that asks, without the way through Grafana's proxy.
  const source = {
    send,
    testDatasource: () => checkHealth(new TidemarkClient(send)),
  };
  const written: unknown[] = [];
  setDataSourceSrv({
    getList: () => (stored === null ? [] : [{ uid: 'tm', type: 'tidemark-storage-datasource' }]),
    get: () => Promise.resolve(source),
  } as unknown as DataSourceSrv);
  setBackendSrv({
    get: () => Promise.resolve(stored),
    put: (_url: string, body: unknown) => Promise.resolve(written.push(body)),
    post: (_url: string, body: unknown) => Promise.resolve(written.push(body)),
  } as unknown as BackendSrv);
  return { ...renderPage(Configuration, { routes: {}, at, orgRole }), written, requests };
}

test('the connection: where the exporter is, and that it answers', async () => {
  show();
  expect(await screen.findByText('The exporter answers')).toBeInTheDocument();
  expect(screen.getByRole('textbox', { name: /URL of the exporter/ })).toHaveValue('http://exporter:9786');
});

test('the connection: what is wrong, and what to do', async () => {
  show({ changes: { 'GET /me': () => refusal(401, 'unauthorized', 'The token is revoked. Create another one.') } });
  const alert = await screen.findByText(/The token is revoked. Create another one./);
  expect(alert).toBeInTheDocument();
  expect(screen.getByText('The connection does not work')).toBeInTheDocument();
});

test('saving sends the URL, and the token only where one was typed', async () => {
  const { user, written } = show();
  const url = await screen.findByDisplayValue('http://exporter:9786');
  await user.clear(url);
  await user.paste('exporter:9786');
  expect(screen.getByText(/Expected http:\/\/ or https:\/\//)).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Save and test' })).toBeDisabled();

  await user.clear(url);
  await user.paste('https://exporter.example.net');
  await user.click(screen.getByRole('button', { name: 'Save and test' }));
  await waitFor(() => expect(written).toHaveLength(1));
  expect(written[0]).toMatchObject({ url: 'https://exporter.example.net' });
  expect(written[0]).not.toHaveProperty('secureJsonData');

  await user.click(screen.getByRole('button', { name: 'Reset' }));
  await user.click(screen.getByLabelText(/^Token/));
  await user.paste('tmk_new');
  await user.click(screen.getByRole('button', { name: 'Save and test' }));
  await waitFor(() => expect(written[1]).toMatchObject({ secureJsonData: { apiToken: 'tmk_new' } }));
});

test('a provisioned data source is changed in its file', async () => {
  show({ stored: { url: 'http://exporter:9786', readOnly: true, secureJsonFields: { apiToken: true } } });
  expect(await screen.findByText(/provisioned: change it in its file/)).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Save and test' })).toBeDisabled();
});

test('without a data source there is only one to be made', async () => {
  show({ stored: null, at: 'page?tab=settings' });
  expect(await screen.findByRole('textbox', { name: /URL of the exporter/ })).toHaveValue('http://localhost:9786');
  expect(screen.getByRole('tab', { name: 'Connection' })).toHaveAttribute('aria-selected', 'true');
});

test('settings: what they do, where they come from, who changed them', async () => {
  const { user, requests } = show({
    at: 'page?tab=settings',
    changes: { 'PATCH /settings': ({ body }) => answer([{ ...settings[0], ...(body as object) }]) },
  });
  const retention = await screen.findByLabelText(/^Days of daily sizes/);
  expect(retention).toHaveValue(365);
  expect(
    screen.getByText(/both say that it is past. Default: 365. Changed by anna & Tom's, 2026-11-20 10:00:00\./),
  ).toBeInTheDocument();
  expect(screen.getByText(/Fixed by the environment of the exporter: change it there/)).toBeInTheDocument();
  expect(screen.getByRole('switch', { name: /Collect on a schedule/ })).toBeDisabled();
  expect(await screen.findByRole('button', { name: 'Save' })).toBeDisabled();

  await user.clear(retention);
  await user.paste('400');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(requests.find(({ method }) => method === 'PATCH')?.body).toEqual({ retention_days: 400 }));
});

test('settings are called what people call them, and by their keys; of a newer exporter as it says', async () => {
  const newer = { ...settings[1], name: 'compression_enabled', source: 'default', description: 'Packs old months.' };
  show({ at: 'page?tab=settings', changes: { 'GET /settings': () => answer([...settings, newer]) } });
  const retention = await screen.findByText('Days of daily sizes that are kept');
  expect(within(retention.closest('label') as HTMLElement).getByText('retention_days')).toBeInTheDocument();
  expect(screen.getByText('days')).toBeInTheDocument();
  expect(screen.getByRole('switch', { name: /^compression_enabled/ })).toBeInTheDocument();
  expect(screen.getByText(/Packs old months. Default: on\./)).toBeInTheDocument();
});

test('an emptied number is not saved as 0', async () => {
  const { user, requests } = show({ at: 'page?tab=settings' });
  await screen.findByRole('button', { name: 'Save' });
  const retention = screen.getByLabelText(/^Days of daily sizes/);
  await user.clear(retention);
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
  expect(requests.some(({ method }) => method === 'PATCH')).toBe(false);
});

test('a refused setting says why', async () => {
  const { user } = show({
    at: 'page?tab=settings',
    changes: { 'PATCH /settings': () => refusal(409, 'setting_fixed', 'The environment fixes it: change it there.') },
  });
  await screen.findByRole('button', { name: 'Save' });
  const retention = screen.getByLabelText(/^Days of daily sizes/);
  await user.clear(retention);
  await user.paste('30');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('The environment fixes it: change it there.')).toBeInTheDocument();
});

test('settings are read by everybody and changed by administrators', async () => {
  show({ at: 'page?tab=settings', orgRole: 'Viewer' });
  expect(await screen.findByLabelText(/^Days of daily sizes/)).toBeDisabled();
  expect(screen.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument();
});

test('a new token is shown once, and only then', async () => {
  const { user, requests } = show({
    at: 'page?tab=tokens',
    changes: {
      'POST /tokens': () => ({ status: 201, body: { data: { ...tokens[0], id: 3, secret: 'tmk_shown_once' } } }),
    },
  });
  expect(cellsOf(await tableOf('Tokens')).map((row) => [row[0], row[1], row[2], row[7]])).toEqual([
    ['grafana', 'admin', '', 'Revoke'],
    ['old', 'owner', 'team-orders', 'Revoked'],
  ]);

  await user.click(screen.getByRole('button', { name: 'New token' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByRole('button', { name: 'Create' })).toBeDisabled();
  await user.click(dialog.getByRole('textbox', { name: /^Name/ }));
  await user.paste('reports');
  await user.click(dialog.getByRole('button', { name: 'Create' }));
  expect(await dialog.findByText('tmk_shown_once')).toBeInTheDocument();
  const body = requests.find(({ method }) => method === 'POST')?.body as Record<string, unknown>;
  expect(body).toMatchObject({ name: 'reports', role: 'viewer' });
  const days = (Date.parse(String(body.expires_at)) - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(365);

  await user.click(dialog.getByRole('button', { name: 'Done' }));
  await waitFor(() => expect(screen.queryByText('tmk_shown_once')).not.toBeInTheDocument());
});

test('revoking asks first', async () => {
  const { user, requests } = show({
    at: 'page?tab=tokens',
    changes: { 'DELETE /tokens/1': () => ({ status: 204, body: null }) },
  });
  await user.click(await screen.findByRole('button', { name: 'Revoke grafana' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByText('Whoever uses grafana is refused from now on.')).toBeInTheDocument();
  await user.click(dialog.getByRole('button', { name: 'Revoke' }));
  await waitFor(() => expect(requests.some(({ method }) => method === 'DELETE')).toBe(true));
});

test('who changed what: before and after', async () => {
  show({ at: 'page?tab=audit' });
  expect(cellsOf(await tableOf('Who changed what'))[0]?.slice(1)).toEqual([
    'anna (admin)',
    'change',
    'setting retention_days',
    'retention_days: 400 → 365',
  ]);
  expect(changesText({ object_type: 'instance', changes: { owner: [null, 'team'], active: [true, false] } })).toBe(
    'owner: null → "team"; active: true → false',
  );
});

test('the tab is in the address, and a viewer is told who sees the tokens', async () => {
  const { user, parameters, requests } = show({ orgRole: 'Viewer' });
  await screen.findByText('The exporter answers');
  await user.click(screen.getByRole('tab', { name: 'Tokens' }));
  expect(parameters().get('tab')).toBe('tokens');
  expect(await screen.findByText('Tokens are for administrators with an admin token')).toBeInTheDocument();
  expect(requests.some(({ path }) => path.endsWith('/tokens'))).toBe(false);
});
