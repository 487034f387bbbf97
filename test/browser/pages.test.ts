import { beforeAll, describe, expect } from '@jest/globals';
import { seriousFindings, test, useBrowser } from './support/browser.ts';
import { app, englishTexts, pageAddresses, pageNames, settled, textsOf } from './support/pages.ts';

const visit = useBrowser();
let addresses: Awaited<ReturnType<typeof pageAddresses>>;

beforeAll(async () => {
  addresses = await pageAddresses();
});

describe.each(pageNames)('%s', (name) => {
  test('opens, and nothing serious stands in the way, dark', async () => {
    const { page } = await visit(addresses[name], { theme: 'dark' });
    await settled(page);
    expect(await page.getByTestId('tidemark-error').count()).toBe(0);
    expect(await seriousFindings(page)).toEqual([]);
  });

  test('the same in light, and in Chinese, nothing of it English', async () => {
    const english = englishTexts();
    const { page } = await visit(addresses[name], { theme: 'light', language: 'zh-Hans' });
    await settled(page);
    expect(await seriousFindings(page)).toEqual([]);
    const texts = await textsOf(page);
    expect(texts.join()).toMatch(/\p{Script=Han}/u);
    expect(texts.filter((text) => english.has(text))).toEqual([]);
  });

  test('says so when the exporter does not accept the token, and what to do', async () => {
    const { page, watch } = await visit('/public/plugins/tidemark-storage-app/img/logo.svg');
    watch.expectFailure(/\/api\/datasources\/proxy\//);
    await page.route('**/api/datasources/proxy/**', (route) =>
      route.fulfill({
        status: 401,
        json: { error: { code: 'unauthorized', message: 'the token is not known', details: null } },
      }),
    );
    await page.goto(new URL(addresses[name], page.url()).href);
    await page
      .getByText(/the token is not known/)
      .first()
      .waitFor();
    expect(await page.getByTestId('tidemark-loading').count()).toBe(0);
    if (name !== 'configuration') {
      const mend = page.getByRole('main').getByRole('link', { name: 'Open the configuration' }).first();
      expect(await mend.getAttribute('href')).toBe(`${app}/configuration`);
    }
  });
});

test('what stands in the way is found', async () => {
  const { page } = await visit(addresses.growth);
  await settled(page);
  await page.getByRole('main').evaluate((main) => main.append(document.createElement('button')));
  expect(await seriousFindings(page)).toEqual([expect.stringMatching(/^button-name: /)]);
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
  await failure.getByText('The exporter does not answer', { exact: true }).waitFor();
  await failure.getByRole('link', { name: 'Open the configuration' }).waitFor();

  await page.unroute('**/api/datasources/proxy/**');
  await failure.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('table').first().waitFor();
});
