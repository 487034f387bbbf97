import { describe, expect } from '@jest/globals';
import { readDashboards } from '../exporter/dashboards/files.ts';
import { ask } from './support/api.ts';
import { test, useBrowser } from './support/browser.ts';

const visit = useBrowser();

/** Queries whose answer only servers of one engine have. */
const engineOf: Readonly<Record<string, string>> = { volume: 'sqlserver', tablespace: 'oracle', log: 'postgresql' };

const nameOf = async (engine: string | undefined) => {
  const filter = engine === undefined ? '' : `&engine=${engine}`;
  const [instance] = await ask<{ name: string }[]>(`/instances?limit=1&sort=-total_size_bytes${filter}`);
  return instance?.name ?? '';
};

/** An instance with such an event; steps are asked for one instance, and any of the larger ones has some. */
const whereItHappened = async (kinds: readonly string[]) => {
  if (kinds.some((kind) => kind.startsWith('step'))) return nameOf(undefined);
  const start = new Date(Date.now() - 399 * 86_400_000).toISOString().slice(0, 10);
  const [event] = await ask<{ instance_name: string }[]>(
    `/events?${kinds.map((kind) => `kind=${kind}`).join('&')}&start_date=${start}&limit=1`,
  );
  return event?.instance_name ?? '';
};

describe.each([...readDashboards('tidemark')])('%s', (_path, dashboard) => {
  const targets = dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map((target) => [`${title}, ${target.refId}`, target] as const),
  );
  // What annotations show has not happened in every month.
  const annotations = dashboard.annotations.list.flatMap(({ name, target }) =>
    target === undefined ? [] : [[name, target] as const],
  );

  test.each([...targets, ...annotations])('%s: the data source finds something', async (_name, target) => {
    const instance = Array.isArray(target.kinds)
      ? await whereItHappened(target.kinds)
      : await nameOf(engineOf[String(target.scope)]);
    const variables = { 'var-engine': '*', 'var-owner': '*', 'var-database': '*', 'var-instance': instance };
    const search = new URLSearchParams({ ...variables, query: JSON.stringify(target), from: 'now-400d', to: 'now' });
    const { page } = await visit(`/explore?${search.toString()}`);
    await page.getByRole('button', { name: 'Run query' }).click();

    const results = page.getByRole('region', { name: 'Results' });
    await results.waitFor();
    expect(await results.getByRole('alert').allTextContents()).toEqual([]);
    expect(await results.locator('tbody tr').count()).toBeGreaterThan(0);
  });
});
