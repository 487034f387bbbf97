import { beforeAll, describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { test, useBrowser } from './support/browser.ts';
import { pageAddresses, pageNames, settled } from './support/pages.ts';

const visit = useBrowser();
const width = 400;
let addresses: Awaited<ReturnType<typeof pageAddresses>>;

beforeAll(async () => {
  addresses = await pageAddresses();
});

describe.each(pageNames)('%s, on a narrow window', (name) => {
  test.each(['en-US', 'zh-Hans'] as const)('is not wider than it, and no choice is cut off, %s', async (language) => {
    const { page } = await visit('/', { language });
    await page.setViewportSize({ width, height: 800 });
    try {
      await page.goto(new URL(addresses[name], page.url()).href);
      await settled(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      expect(await tooWide(page)).toEqual([]);
      expect(await cutChoices(page)).toEqual([]);
    } finally {
      await page.setViewportSize({ width: 1400, height: 1000 });
    }
  });
});

/** What reaches out of the window without being in something that scrolls. */
const tooWide = (page: Page): Promise<string[]> =>
  page.getByRole('main').evaluate((main, most) => {
    const scrolls = (element: Element | null): boolean =>
      element !== null &&
      element !== main &&
      (getComputedStyle(element).overflowX !== 'visible' || scrolls(element.parentElement));
    return [...main.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > most && !scrolls(element.parentElement))
      .map((element) => `${element.tagName} ${element.textContent.slice(0, 40)}`);
  }, width);

const cutChoices = (page: Page): Promise<string[]> =>
  page
    .getByRole('main')
    .evaluate((main) =>
      [...main.querySelectorAll('[role=radiogroup] label span')]
        .filter((text) => text.scrollWidth > text.clientWidth && text.clientWidth > 0)
        .map((text) => text.textContent),
    );
