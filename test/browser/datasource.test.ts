import { beforeAll, describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ask } from './support/api.ts';
import { seriousFindings, test, useBrowser } from './support/browser.ts';
import { until } from './support/reading.ts';
import { add, choose } from './support/widgets.ts';

interface Row {
  readonly instance_id: number;
  readonly instance_name: string;
  readonly database_name: string;
  readonly owner: string | null;
  readonly size_bytes: number;
}

interface Line {
  readonly instance_name: string | null;
  readonly database_name: string | null;
  readonly other: boolean;
  readonly t: readonly string[];
  readonly values: readonly (number | null)[];
}

const visit = useBrowser();
const explore = (query: object) => `/explore?query=${encodeURIComponent(JSON.stringify({ refId: 'A', ...query }))}`;
const run = (page: Page) => page.getByRole('button', { name: 'Run query' }).click();
const results = (page: Page) => page.getByRole('region', { name: 'Results' });
const queryOf = async (page: Page) =>
  JSON.parse((await page.getByTestId('workbench-query').textContent()) ?? '') as Record<string, unknown>;

/** The rows of the first table of the results, as texts. */
async function tableOf(page: Page): Promise<string[][]> {
  // An editor runs a query on each change; the results say what they answer.
  await page.waitForFunction(() => {
    const asked = document.querySelector('[data-testid=workbench-query]')?.textContent;
    return document.querySelector('section[data-query]')?.getAttribute('data-query') === asked;
  });
  const table = results(page).getByRole('table').first();
  await table.waitFor();
  return table
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)));
}

/** As the exporter's sizes read: `1.50 GiB`. */
function inBytes(text: string): number {
  const [, number = '', unit = ''] = /^([\d.]+) (B|KiB|MiB|GiB|TiB)$/.exec(text) ?? [];
  return Number(number) * 1024 ** ['B', 'KiB', 'MiB', 'GiB', 'TiB'].indexOf(unit);
}

let largest: Row;

beforeAll(async () => {
  const [row] = await ask<Row[]>('/databases?limit=1');
  if (row === undefined) throw new Error('the demonstration has no databases');
  largest = row;
});

describe('queries', () => {
  test('a new query shows sizes over time, a line an instance', async () => {
    const { page } = await visit('/explore');
    await run(page);

    const lines = await ask<Line[]>('/series?group_by=instance');
    await results(page).getByRole('table').first().waitFor();
    expect(await results(page).getByRole('table').count()).toBe(lines.length);
    expect(await queryOf(page)).toMatchObject({ version: 1, queryType: 'series', groupBy: 'instance' });
  });

  test('the latest state of databases is a table with units', async () => {
    const { page } = await visit('/explore');
    await choose(page, 'Query', 'Databases, latest');
    await run(page);

    const [first] = await tableOf(page);
    expect(first?.[0]).toBe(largest.instance_name);
    expect(first?.[1]).toBe(largest.database_name);
    expect(inBytes(first?.[4] ?? '') / largest.size_bytes).toBeCloseTo(1, 2);
  });

  test('a filter is chosen from what the exporter has', async () => {
    const { page } = await visit(explore({ queryType: 'databases' }));
    await add(page, 'Instances', largest.instance_name);
    await run(page);

    const rows = await tableOf(page);
    const expected = await ask<Row[]>(`/instances/${largest.instance_id}/databases?limit=1000`);
    expect(rows.map(([, database]) => database).sort()).toEqual(expected.map((row) => row.database_name).sort());
    expect((await queryOf(page)).filters).toEqual({ instance: [largest.instance_name] });
  });

  test('a variable is put into a filter, each of its values', async () => {
    const names = [...new Set((await ask<Row[]>('/databases?limit=1000')).map((row) => row.instance_name))].slice(0, 2);
    const variables = names.map((name) => `&var-watched=${encodeURIComponent(name)}`).join('');
    const { page } = await visit(
      `${explore({ queryType: 'databases', filters: { instance: ['$watched'] } })}${variables}`,
    );
    await run(page);

    const shown = new Set((await tableOf(page)).map(([instance]) => instance));
    expect([...shown].sort()).toEqual([...names].sort());
  });

  test('growth, collections and files are tables too', async () => {
    const { page } = await visit('/explore');
    await choose(page, 'Query', 'Growth');
    await run(page);
    const [grown] = await ask<Row[]>('/growth?days=30&limit=1');
    expect((await tableOf(page))[0]?.slice(0, 2)).toEqual([grown?.instance_name, grown?.database_name]);

    await choose(page, 'Query', 'Collections');
    await run(page);
    const [session] = await ask<{ databases_measured: number }[]>('/collections?limit=1');
    await results(page).getByRole('columnheader', { name: 'Databases measured' }).waitFor();
    expect((await tableOf(page))[0]).toContain(String(session?.databases_measured));
  });

  test('a forecast needs an instance, and says so', async () => {
    const { page } = await visit('/explore');
    await choose(page, 'Show', 'Forecast');
    await run(page);
    await results(page).getByText('choose exactly one').waitFor();

    await add(page, 'Instances', largest.instance_name);
    await run(page);
    await results(page)
      .getByRole('columnheader', { name: /, forecast$/ })
      .first()
      .waitFor();
  });

  test('a query of a later version is left alone', async () => {
    const { page } = await visit(explore({ version: 99 }));
    await page
      .getByText(/later version/)
      .first()
      .waitFor();
  });
});

describe('variables', () => {
  /** Asks for the values, and waits until they are these, in any order. */
  const expectValues = async (page: Page, expected: readonly string[]) => {
    await page.getByRole('button', { name: 'Show values' }).click();
    const items = page.getByRole('list', { name: 'Values' }).getByRole('listitem');
    await until(async () => {
      expect((await items.allTextContents()).sort()).toEqual([...expected].sort());
    });
  };

  test('engines, owners, labels, instances, databases', async () => {
    const facets = await ask<{
      engines: { value: string }[];
      owners: { value: string | null }[];
      labels: Record<string, string[]>;
    }>('/facets');
    const { page } = await visit('/workbench/variables');

    await choose(page, 'Values', 'Engines');
    await expectValues(
      page,
      facets.engines.map(({ value }) => value),
    );

    await choose(page, 'Values', 'Owners');
    await expectValues(
      page,
      facets.owners.flatMap(({ value }) => value ?? []),
    );

    const [key = '', labels = []] = Object.entries(facets.labels)[0] ?? [];
    await choose(page, 'Values', 'Values of a label');
    await choose(page, 'Label', key);
    await expectValues(
      page,
      labels.map((value) => `${value} = ${key}=${value}`),
    );

    await choose(page, 'Values', 'Databases');
    await add(page, 'Instances', largest.instance_name);
    const databases = await ask<Row[]>(`/instances/${largest.instance_id}/databases?limit=1000`);
    await expectValues(
      page,
      databases.map((row) => row.database_name),
    );
  });
});

describe('annotations', () => {
  test('failed collections, databases that appeared and vanished', async () => {
    const from = Date.now() - 90 * 86_400_000;
    const { page } = await visit(`/workbench/annotations?from=${new Date(from).toISOString()}&to=now`);
    await page.getByRole('button', { name: 'Show events' }).click();

    const items = page.getByRole('list', { name: 'Events' }).getByRole('listitem');
    await items.first().waitFor();
    const kinds = ['collection_failed', 'appeared', 'vanished'];
    const start = new Date(from).toISOString().slice(0, 10);
    const events = await ask<{ kind: string; message: string }[]>(
      `/events?${kinds.map((kind) => `kind=${kind}`).join('&')}&start_date=${start}&limit=1000`,
    );
    expect(await items.count()).toBe(events.length);
    expect((await items.allTextContents()).join()).toContain(events[0]?.message);
  });
});

describe('the form of the data source', () => {
  const form = '/connections/datasources/edit/tidemark';
  const save = (page: Page) => page.getByRole('button', { name: 'Save & test' }).click();

  test('says who answers', async () => {
    const { page } = await visit(form);
    await save(page);
    await page.getByText(/^Connected to Tidemark .* \(admin\), which sees \d+ instances\.$/).waitFor();
    expect(await page.getByLabel(/^Token/).inputValue()).not.toContain('tmk_');
  });

  test('a viewer may not change it', async () => {
    const { page, watch } = await visit(form, { role: 'Viewer' });
    watch.expectFailure(/\/api\/datasources\/uid\/tidemark$/);
    const refused = page.waitForResponse((response) => response.status() === 403);
    await page.evaluate(() =>
      fetch('/api/datasources/uid/tidemark', {
        method: 'PUT',
        body: '{}',
        headers: { 'X-Preview-Role': 'Viewer' },
      }).then((response) => response.text()),
    );
    expect((await refused).request().method()).toBe('PUT');
  });
});

describe('the treemap panel', () => {
  test('has a tile a database, within its instance, that leads to its page', async () => {
    const { page } = await visit('/workbench/treemap');
    const name = `${largest.instance_name} › ${largest.database_name}:`;
    const tile = page.getByRole('link', { name });
    await tile.waitFor();
    expect(await tile.getAttribute('href')).toBe(
      `/a/tidemark-storage-app/instances/${largest.instance_id}/databases/${encodeURIComponent(largest.database_name)}`,
    );
    await tile.click();
    await page.waitForURL(/\/databases\//);
  });

  test('opens a group, and goes back with Escape', async () => {
    const { page } = await visit('/workbench/treemap');
    const group = page.getByRole('button', { name: new RegExp(`^${largest.instance_name}:`) });
    // Its heading; the rest of it is covered by what is in it.
    await group.click({ position: { x: 20, y: 8 } });
    await page.getByRole('button', { name: 'All' }).waitFor();
    await page.getByRole('main').getByRole('link').first().focus();
    await page.keyboard.press('Escape');
    await group.waitFor();
  });
});

describe('for everybody', () => {
  test.each(['dark', 'light'] as const)('nothing serious stands in the way, %s', async (theme) => {
    const { page } = await visit(explore({ groupBy: 'engine' }), { theme });
    await run(page);
    await results(page).getByRole('table').first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    await page.goto(new URL('/workbench/treemap', page.url()).href);
    await page.getByRole('main').getByRole('link').first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  test('reads Chinese', async () => {
    const { page } = await visit('/explore', { language: 'zh-Hans' });
    await page.getByRole('combobox', { name: '查询' }).waitFor();
    expect(await page.getByRole('combobox', { name: '查询' }).inputValue()).toBe('大小随时间变化');
  });
});
