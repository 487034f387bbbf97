import { afterAll, afterEach, beforeAll, expect, test as jestTest } from '@jest/globals';
import AxeBuilder from '@axe-core/playwright';
import { chromium as playwright, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { browserMissing, browserServers, chromium } from './servers.ts';
import { Watch } from './watch.ts';

/** Skips where there is no browser. */
export const test = browserMissing === null ? jestTest : jestTest.skip;

export interface Choices {
  readonly theme?: 'dark' | 'light';
  readonly language?: 'en-US' | 'zh-Hans';
  readonly role?: 'Viewer' | 'Editor' | 'Admin';
}

/** A page in a browser of its own, with what is noticed while it is used. */
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
 * For a test file: one browser. After each test every page that it opened must have been without a console error, an
 * uncaught exception, a failed request, and the exporter's token.
 * @returns a function that opens an address of the preview
 */
export function useBrowser(): (path: string, choices?: Choices) => Promise<Visit> {
  let browser: Browser;
  const open: { context: BrowserContext; watch: Watch }[] = [];

  beforeAll(async () => {
    browser = await playwright.launch({ executablePath: chromium, args: options });
  });

  afterEach(async () => {
    const problems: string[] = [];
    for (const { context, watch } of open.splice(0)) {
      await watch.settled();
      await context.close();
      problems.push(...watch.problems);
    }
    expect(problems).toEqual([]);
  });

  afterAll(() => browser.close());

  return async (path, choices = {}) => {
    const { preview, token } = browserServers();
    const chosen = { name: 'tidemark.preview', value: JSON.stringify(choices) };
    const context = await browser.newContext({
      viewport: { width: 1400, height: 1000 },
      locale: 'en-US',
      timezoneId: 'UTC',
      acceptDownloads: true,
      storageState: { cookies: [], origins: [{ origin: preview, localStorage: [chosen] }] },
    });
    context.setDefaultTimeout(20_000);
    const watch = new Watch(context, token);
    open.push({ context, watch });
    const page = await context.newPage();
    await page.goto(`${preview}${path}`);
    return { page, watch };
  };
}

/** What stands in the way of people who do not see or do not use a mouse: findings of axe that are serious or worse. */
export async function seriousFindings(page: Page, within = 'main'): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).include(within).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`));
}
