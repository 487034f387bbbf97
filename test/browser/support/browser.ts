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

/** What a file's tests share, where they made the same choices: what the browser has loaded once it need not load again. */
interface Profile {
  readonly context: BrowserContext;
  readonly watch: Watch;
}

/**
 * For a test file: one browser. After each test every page that it opened must have been without a console error, an
 * uncaught exception, a failed request, and the exporter's token.
 * @returns a function that opens an address of the preview
 */
export function useBrowser(): (path: string, choices?: Choices) => Promise<Visit> {
  let browser: Browser;
  const profiles = new Map<string, Promise<Profile>>();
  const used = new Set<Profile>();

  beforeAll(async () => {
    browser = await playwright.launch({ executablePath: chromium, args: options });
  });

  afterEach(async () => {
    const problems: string[] = [];
    for (const { context, watch } of used) {
      await watch.settled();
      for (const page of context.pages()) await page.close();
      problems.push(...watch.takeProblems());
    }
    used.clear();
    expect(problems).toEqual([]);
  });

  afterAll(() => browser.close());

  return async (path, choices = {}) => {
    const chosen = JSON.stringify(choices);
    const opened = profiles.get(chosen) ?? openProfile(browser, chosen);
    profiles.set(chosen, opened);
    const profile = await opened;
    used.add(profile);
    const page = await profile.context.newPage();
    await page.goto(`${browserServers().preview}${path}`);
    return { page, watch: profile.watch };
  };
}

async function openProfile(browser: Browser, choices: string): Promise<Profile> {
  const { preview, token } = browserServers();
  const context = await browser.newContext({
    viewport: { width: 1400, height: 1000 },
    locale: 'en-US',
    timezoneId: 'UTC',
    acceptDownloads: true,
    // Colours in the middle of a transition are nobody's choice.
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(30_000);
  // What a test chooses in the page stays while it loads again, and is gone for the next test.
  await context.addInitScript(
    ([origin, wanted]) => {
      if (location.origin !== origin || sessionStorage.getItem('tidemark.chosen') !== null) return;
      localStorage.clear();
      localStorage.setItem('tidemark.preview', wanted);
      sessionStorage.setItem('tidemark.chosen', 'yes');
    },
    [preview, choices] as const,
  );
  return { context, watch: new Watch(context, token) };
}

/** What stands in the way of people who do not see or do not use a mouse: findings of axe that are serious or worse. */
export async function seriousFindings(page: Page, within = 'main'): Promise<string[]> {
  // Where the mouse rests and where the focus is, Grafana's own buttons have other colours.
  await page.mouse.move(0, 0);
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  const { violations } = await new AxeBuilder({ page }).include(within).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`));
}
