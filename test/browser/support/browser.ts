import { afterAll, afterEach, beforeAll, expect, test as jestTest } from '@jest/globals';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium as playwright, type Browser, type Page } from 'playwright-core';
import { browserMissing, browserServers, chromium } from './servers.ts';
import { Watch } from './watch.ts';

/** Skips where there is no browser. */
export const test = browserMissing === null ? jestTest : jestTest.skip;

export interface Choices {
  readonly theme?: 'dark' | 'light';
  readonly language?: 'en-US' | 'zh-Hans';
  readonly role?: 'Viewer' | 'Editor' | 'Admin';
}

/** The page, with what is noticed while it is used. */
export interface Visit {
  readonly page: Page;
  readonly watch: Watch;
}

const options = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * For a test file: one browser with one page, in which every test starts anew while the browser keeps the scripts that it
 * has compiled. After each test the page must have been without a console error, an uncaught exception, a failed
 * request, and the exporter's token.
 * @returns a function that opens an address of the preview
 */
export function useBrowser(): (path: string, choices?: Choices) => Promise<Visit> {
  let browser: Browser;
  let page: Page;
  let watch: Watch;

  beforeAll(async () => {
    const { token } = browserServers();
    browser = await playwright.launch({ executablePath: chromium, args: options });
    const context = await browser.newContext({
      viewport: { width: 1400, height: 1000 },
      locale: 'en-US',
      timezoneId: 'UTC',
      acceptDownloads: true,
      // Colours in the middle of a transition are nobody's choice.
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(30_000);
    watch = new Watch(context, token);
    page = await context.newPage();
    await leave(page);
  });

  afterEach(async () => {
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await leave(page);
    await watch.settled();
    expect(watch.takeProblems()).toEqual([]);
  });

  afterAll(() => browser.close());

  return async (path, choices = {}) => {
    await page.evaluate((chosen) => {
      localStorage.setItem('tidemark.preview', chosen);
    }, JSON.stringify(choices));
    await page.goto(`${browserServers().preview}${path}`);
    return { page, watch };
  };
}

/** Goes where no script runs, and forgets what the page has kept. */
async function leave(page: Page): Promise<void> {
  await page.goto(`${browserServers().preview}/public/plugins/tidemark-storage-app/img/logo.svg`);
  await page.evaluate(() => {
    localStorage.clear();
    sessionStorage.clear();
  });
}

/** What stands in the way of people who do not see or do not use a mouse: findings of axe that are serious or worse. */
export async function seriousFindings(page: Page, within = 'main'): Promise<string[]> {
  // Where the mouse rests and where the focus is, Grafana's own buttons have other colours.
  await page.mouse.move(0, 0);
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  // Rows of a table are alike: the first of them take seconds to judge, all of them half a minute.
  const { violations } = await new AxeBuilder({ page })
    .include(within)
    .exclude('tbody tr:nth-child(n + 6)')
    .options({ resultTypes: ['violations'] })
    .setLegacyMode(true)
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`));
}
