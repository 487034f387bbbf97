import { beforeAll, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { test, useBrowser } from './support/browser.ts';
import { app, pageAddresses, settled } from './support/pages.ts';
import { region } from './support/reading.ts';

const visit = useBrowser();
let addresses: Awaited<ReturnType<typeof pageAddresses>>;

beforeAll(async () => {
  addresses = await pageAddresses();
});

/** Opens a page whose answers to some requests are changed on their way. */
async function visitChanged(address: string, requests: RegExp, change: (data: never) => unknown): Promise<Page> {
  const { page } = await visit('/public/plugins/tidemark-storage-app/img/logo.svg');
  await page.route(requests, async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { data: never };
    await route.fulfill({ response: answer, json: { ...body, data: change(body.data) } });
  });
  await page.goto(new URL(address, page.url()).href);
  await settled(page);
  return page;
}

const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);

test('a chart shows nothing on days that nobody measured, and a single day as a point', async () => {
  const page = await visitChanged(addresses.overview, /\/api\/v1\/series/, ([line]: Record<string, unknown>[]) => [
    { ...line, t: [day(29), day(28), day(2)], values: [1e12, 2e12, 3e12] },
  ]);
  const canvas = region(page, 'Size by day').locator('canvas');
  await canvas.waitFor();
  // How much is drawn in colour, grid and axes being grey and edges of letters faint, in each tenth of the chart.
  const coloured = () =>
    canvas.evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement;
      const pixels = (element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
      const tenths = Array<number>(10).fill(0);
      for (let at = 0; at < pixels.length; at += 4) {
        const [red = 0, green = 0, blue = 0, alpha = 0] = pixels.slice(at, at + 4);
        const isColoured = alpha > 80 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60;
        const tenth = Math.floor((10 * ((at / 4) % width)) / width);
        if (isColoured) tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      }
      return tenths;
    });
  const tenths = await coloured();
  expect(tenths.slice(0, 2).some((count) => count > 0)).toBe(true);
  expect(tenths.slice(2, 8)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(tenths.slice(8).some((count) => count > 0)).toBe(true);
});

test('a long word stays within its card', async () => {
  const page = await visitChanged(addresses.collection, /\/api\/v1\/collections\/\d+(\?|$)/, (session: object) => ({
    ...session,
    trigger: 'startup',
    requested_by: null,
  }));
  await page.getByText('Start of the exporter').waitFor();
  const overflowing = await page
    .getByRole('main')
    .evaluate((main) =>
      [...main.querySelectorAll('[role=group]')]
        .filter((card) => card.scrollWidth > card.clientWidth)
        .map((card) => card.textContent),
    );
  expect(overflowing).toEqual([]);
});

test('a status is read in one line, in Chinese too', async () => {
  const { page } = await visit(addresses['collections of an instance'], { language: 'zh-Hans' });
  await settled(page);
  const badges = page.getByRole('main').locator('td').getByText('成功', { exact: true });
  await badges.first().waitFor();
  const heights = await badges.evaluateAll((all) => all.map((badge) => badge.getBoundingClientRect().height));
  expect(Math.max(...heights)).toBeLessThan(30);
});

test('the names of groups in the treemap are not cut off', async () => {
  const { page } = await visit(`${app}/growth`);
  await settled(page);
  const treemap = page.getByTestId('tidemark-treemap');
  await treemap.waitFor();
  const cut = await treemap.evaluate((element) =>
    [...element.querySelectorAll('button > span')]
      .filter((text) => text.scrollHeight > text.clientHeight)
      .map((text) => text.textContent),
  );
  expect(cut).toEqual([]);
});

test('the labels of an instance are whole', async () => {
  const { page } = await visit(addresses.storage);
  await settled(page);
  const cut = await page
    .getByTitle(/\w+=\w+/)
    .first()
    .evaluate((labels) => labels.scrollWidth > labels.clientWidth);
  expect(cut).toBe(false);
});
