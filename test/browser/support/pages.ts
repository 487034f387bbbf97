import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { ask } from './api.ts';

export const app = '/a/tidemark-storage-app';

export const pageNames = [
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
  'settings',
  'tokens',
  'changes',
] as const;

/** Where each page is, on the largest database of the demonstration and the last run. */
export async function pageAddresses(): Promise<Record<(typeof pageNames)[number], string>> {
  const [database] = await ask<{ instance_id: number; database_name: string }[]>('/databases?limit=1');
  const [session] = await ask<{ id: number }[]>('/collections?limit=1');
  if (database === undefined || session === undefined) throw new Error('the demonstration is empty');
  const instance = `${app}/instances/${database.instance_id}`;
  return {
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
    settings: `${app}/configuration?tab=settings`,
    tokens: `${app}/configuration?tab=tokens`,
    changes: `${app}/configuration?tab=audit`,
  };
}

/** Waits until nothing loads any more. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() => document.querySelector('[data-testid=tidemark-loading]') === null);
}

/** Texts of the app that read otherwise in Chinese, and are therefore wrong on a Chinese page. */
export function englishTexts(): ReadonlySet<string> {
  const read = (language: string) =>
    JSON.parse(
      readFileSync(
        new URL(`../../../plugin/src/locales/${language}/tidemark-storage-app.json`, import.meta.url),
        'utf8',
      ),
    ) as Record<string, string>;
  const [english, chinese] = [read('en-US'), read('zh-Hans')];
  return new Set(Object.keys(english).flatMap((key) => (english[key] === chinese[key] ? [] : (english[key] ?? []))));
}

/**
 * Everything that the app tells a reader: texts, and the names of what has none. Headings of pages are Grafana's, made of
 * plugin.json, and so is the picker of a range: the preview has none of Grafana's own translations.
 */
export const textsOf = (page: Page): Promise<string[]> =>
  page.getByRole('main').evaluate((main) => {
    const texts: string[] = [];
    const isGrafanas = (element: Element | null) =>
      element?.closest('h1, nav[aria-label=Breadcrumbs], [data-testid*=TimePicker]') != null;
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (walker.nextNode() !== null) {
      if (isGrafanas(walker.currentNode.parentElement)) continue;
      texts.push(walker.currentNode.textContent?.trim() ?? '');
    }
    for (const element of main.querySelectorAll('*')) {
      if (isGrafanas(element)) continue;
      for (const name of ['aria-label', 'placeholder', 'title', 'alt']) {
        texts.push(element.getAttribute(name)?.trim() ?? '');
      }
    }
    return texts.filter((text) => text !== '');
  });
