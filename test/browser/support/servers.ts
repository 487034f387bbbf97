import { existsSync } from 'node:fs';

/** What the tests of the browser share, started once: handed from the global setup to the test files. */
export interface BrowserServers {
  /** Where the preview of the plugin is. */
  readonly preview: string;
  /** Where the exporter behind it is. */
  readonly exporter: string;
  /** Of the exporter; the browser must never see it. */
  readonly token: string;
}

export function browserServers(): BrowserServers {
  const text = process.env.TIDEMARK_BROWSER_SERVERS;
  if (text === undefined)
    throw new Error('run these tests with test/browser/jest.config.mjs, which starts their servers');
  return JSON.parse(text) as BrowserServers;
}

export const chromium = process.env.TIDEMARK_CHROMIUM ?? '/usr/bin/chromium';

/** Why there is no browser; null where there is one. */
export const browserMissing = existsSync(chromium) ? null : `${chromium} is not installed`;
