import { beforeAll, describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ask } from './support/api.ts';
import { seriousFindings, test, useBrowser } from './support/browser.ts';

const visit = useBrowser();
const app = '/a/tidemark-storage-app';
let addresses: Record<string, string>;

beforeAll(async () => {
  const [database] = await ask<{ instance_id: number; database_name: string }[]>('/databases?limit=1');
  const [session] = await ask<{ id: number }[]>('/collections?limit=1');
  if (database === undefined || session === undefined) throw new Error('the demonstration is empty');
  const instance = `${app}/instances/${database.instance_id}`;
  addresses = {
    overview: `${app}/overview`,
    instances: `${app}/instances`,
    storage: `${instance}/storage`,
    statistics: `${instance}/statistics`,
    files: `${instance}/files`,
    'collections of an instance': `${instance}/collections`,
    database: `${instance}/databases/${encodeURIComponent(database.database_name)}`,
    growth: `${app}/growth`,
    collections: `${app}/collections`,
    collection: `${app}/collections/${session.id}`,
    configuration: `${app}/configuration`,
  };
});

const names = [
  'overview',
  'instances',
  'storage',
  'statistics',
  'files',
  'collections of an instance',
  'database',
  'growth',
  'collections',
  'collection',
  'configuration',
];

/** Waits until nothing loads any more. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForLoadState('networkidle');
  await page.getByTestId('tidemark-loading').first().waitFor({ state: 'detached' });
}

describe.each(names)('%s', (name) => {
  test.each(['dark', 'light'] as const)('opens, and nothing serious stands in the way, %s', async (theme) => {
    const { page } = await visit(addresses[name] ?? '', { theme });
    await settled(page);
    expect(await page.getByTestId('tidemark-error').count()).toBe(0);
    expect(await seriousFindings(page)).toEqual([]);
  });

  test('reads Chinese', async () => {
    const { page } = await visit(addresses[name] ?? '', { language: 'zh-Hans' });
    await settled(page);
    expect(await page.getByRole('main').innerText()).toMatch(/\p{Script=Han}/u);
  });
});

describe('roles', () => {
  test('a viewer reads and changes nothing', async () => {
    const { page } = await visit(`${app}/instances`, { role: 'Viewer' });
    await settled(page);
    expect(await page.getByRole('button', { name: /add|run now|remove/i }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Configuration' }).count()).toBe(0);
  });
});

test('the address of nothing leads to the overview', async () => {
  const { page } = await visit(`${app}/no-such-page`);
  await page.waitForURL(/\/overview/);
});

test('a page whose exporter is away says so, and what to do', async () => {
  const { page, watch } = await visit(`${app}/configuration`);
  await settled(page);
  watch.expectFailure(/\/api\/datasources\/proxy\//);
  await page.route('**/api/datasources/proxy/**', (route) =>
    route.fulfill({ status: 502, contentType: 'application/json', body: '{"message":"Bad Gateway"}' }),
  );
  await page.getByRole('link', { name: 'Instances', exact: true }).click();
  const failure = page.getByTestId('tidemark-error').first();
  await failure.getByText('The exporter does not answer').waitFor();
  await failure.getByRole('link', { name: 'Open the configuration' }).waitFor();

  await page.unroute('**/api/datasources/proxy/**');
  await failure.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('table').first().waitFor();
});
