import { describe, expect } from '@jest/globals';
import { ask } from './support/api.ts';
import { test, useBrowser } from './support/browser.ts';
import { app, settled } from './support/pages.ts';
import { bytesText } from './support/reading.ts';

const visit = useBrowser();

describe('nothing to show', () => {
  test.each([
    ['instances', `${app}/instances?owner=nobody`],
    ['overview', `${app}/overview?owner=nobody`],
    ['growth', `${app}/growth?owner=nobody`],
    ['collections', `${app}/collections?status=interrupted`],
  ])('%s: a filter that leaves nothing says so', async (_name, address) => {
    const { page } = await visit(address);
    await settled(page);
    const empty = page.getByTestId('tidemark-empty').first();
    await empty.waitFor();
    // A title, and below it what to do next.
    expect((await empty.innerText()).split('\n').filter((line) => line !== '').length).toBeGreaterThan(1);
  });

  test('databases of an instance that nobody is called like', async () => {
    const [instance] = await ask<{ id: number }[]>('/instances?limit=1');
    const { page } = await visit(`${app}/instances/${instance?.id ?? 0}/storage?search=no-such-database`);
    await page.getByTestId('tidemark-empty').first().waitFor();
  });
});

describe('what is not there', () => {
  test('a run: says that it is not found', async () => {
    const { page, watch } = await visit('/');
    await settled(page);
    watch.expectFailure(/999999999/);
    await page.goto(new URL(`${app}/collections/999999999`, page.url()).href);
    await page.getByTestId('tidemark-error').first().getByText('Not found').waitFor();
  });

  test.each([
    ['an instance', '999999999', 'storage'],
    ['a database of an instance', '999999999', 'databases/orders'],
    // Nothing is asked for: no request fails.
    ['what is no id', 'abc', 'storage'],
  ])('%s: says that there is none, and leads to those that there are', async (_name, id, rest) => {
    const { page, watch } = await visit('/');
    await settled(page);
    watch.expectFailure(/999999999/);
    await page.goto(new URL(`${app}/instances/${id}/${rest}`, page.url()).href);
    // Sections may have said so before, each for itself.
    await page.getByRole('heading', { name: 'Unknown instance', level: 1 }).waitFor();
    await page.getByText(`There is no instance ${id}`).waitFor();
    expect(await page.title()).toContain('Unknown instance');
    expect(await page.getByRole('tab').count()).toBe(0);
    await page.getByRole('link', { name: 'All instances' }).click();
    await page.getByRole('table').first().waitFor();
  });
});

test('while an answer is on its way, the page says that it loads', async () => {
  const { page } = await visit(`${app}/configuration`);
  await settled(page);
  let answer = (): void => undefined;
  const wait = new Promise<void>((resolve) => (answer = resolve));
  await page.route(/\/api\/v1\/growth\?.*group_by=fleet/, async (route) => {
    await wait;
    await route.continue();
  });
  await page.getByRole('link', { name: 'Overview', exact: true }).click();
  await page.getByTestId('tidemark-loading').first().waitFor();
  answer();
  const [fleet] = await ask<{ size_bytes: number }[]>('/growth?group_by=fleet&days=30');
  await page
    .getByRole('group', { name: 'Total size', exact: true })
    .getByText(bytesText(fleet?.size_bytes ?? 0))
    .waitFor();
});

test('a page that fails while it is drawn takes nothing else down', async () => {
  const { page, watch } = await visit(`${app}/configuration`);
  await settled(page);
  watch.expectFailure(/growth\.js/);
  watch.expectProblems(/growth|ChunkLoadError/i);
  await page.route(/\/growth\.js/, (route) => route.abort('failed'));
  await page.getByRole('link', { name: 'Growth', exact: true }).click();
  await page.getByRole('alert').first().waitFor();
  await page.getByRole('link', { name: 'Collections', exact: true }).click();
  await page.getByRole('table').first().waitFor();
});
