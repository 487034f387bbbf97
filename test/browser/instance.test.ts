import { beforeAll, describe, expect } from '@jest/globals';
import { ask } from './support/api.ts';
import { test, useBrowser } from './support/browser.ts';
import { bytesText, changeText, download, firstCells, rateText, region, rowsOf, shareText } from './support/reading.ts';
import { add, pick } from './support/widgets.ts';

interface Database {
  readonly instance_id: number;
  readonly database_name: string;
  readonly size_bytes: number;
  readonly data_bytes: number | null;
  readonly log_bytes: number | null;
  readonly share: number | null;
  readonly growth: { readonly change_bytes: number | null; readonly growth_rate: number | null } | null;
}

interface Period {
  readonly database_name: string;
  readonly period_start: string;
  readonly is_complete: boolean;
  readonly statistics: {
    readonly avg_size_bytes: number;
    readonly max_size_bytes: number;
    readonly min_size_bytes: number;
    readonly change_bytes: number | null;
    readonly growth_rate: number | null;
  };
}

interface Storage {
  readonly scope: string;
  readonly name: string;
  readonly allocated_bytes: number | null;
  readonly used_bytes: number | null;
  readonly limit_bytes: number | null;
  readonly free_bytes: number | null;
}

const visit = useBrowser();
let id: number;
let address: string;

beforeAll(async () => {
  const [instance] = await ask<{ id: number }[]>('/instances?engine=sqlserver&sort=-total_size_bytes&limit=1');
  if (instance === undefined) throw new Error('the demonstration has no SQL Server');
  id = instance.id;
  address = `/a/tidemark-storage-app/instances/${id}`;
});

describe('storage', () => {
  test('total database size, and the databases with size, data, log, growth and share', async () => {
    const instance = await ask<{ total_size_bytes: number }>(`/instances/${id}`);
    const databases = await ask<Database[]>(`/instances/${id}/databases?sort=-size_bytes&growth_days=30&limit=50`);
    const { page } = await visit(address);
    await page.getByText(bytesText(instance.total_size_bytes), { exact: true }).first().waitFor();
    const rows = await rowsOf(region(page, 'Databases'));
    expect(rows.map((cells) => [cells[0]?.split('\n')[0], ...cells.slice(1, 4), ...cells.slice(5, 8)])).toEqual(
      databases.map((row) => [
        row.database_name,
        bytesText(row.size_bytes),
        bytesText(row.data_bytes),
        bytesText(row.log_bytes),
        changeText(row.growth?.change_bytes ?? null),
        rateText(row.growth?.growth_rate ?? null),
        shareText(row.share),
      ]),
    );
  });

  test('the chart: what it asks for follows measure, databases and range, and so does the address', async () => {
    const [largest] = await ask<Database[]>(`/instances/${id}/databases?sort=-size_bytes&limit=1`);
    const name = largest?.database_name ?? '';
    const { page } = await visit(address);
    const chart = page.getByRole('figure', { name: 'Size by day' });
    await chart.getByRole('button', { name, exact: false }).first().waitFor();

    const asked = page.waitForRequest((request) => /series\?.*measure=log/.test(request.url()));
    await pick(region(page, 'Size by day'), 'Log');
    await asked;
    await add(page, 'Databases', name);
    await page.waitForURL((url) => url.searchParams.get('database') === name);
    const only = page.waitForRequest((request) =>
      /series\?.*start_date=2026-10-01.*end_date=2026-10-31/.test(request.url()),
    );
    await page.goto(`${page.url()}&from=2026-10-01&to=2026-10-31`);
    await only;
    await pick(region(page, 'Size by day'), 'Bars');
    await page.waitForURL(/style=bars/);
  });

  test('databases are sorted and searched', async () => {
    const { page } = await visit(address);
    const table = region(page, 'Databases');
    await table.getByRole('button', { name: 'Sort column Log' }).click();
    await page.waitForURL(/sort=-log_bytes/);
    const byLog = await ask<Database[]>(`/instances/${id}/databases?sort=-log_bytes&limit=50`);
    await firstCells(
      table,
      byLog.map((row) => row.database_name),
    );
    const part = byLog[0]?.database_name.slice(0, 3) ?? '';
    await table.getByRole('textbox', { name: 'Search databases' }).fill(part);
    const found = await ask<Database[]>(`/instances/${id}/databases?sort=-log_bytes&search=${part}&limit=50`);
    await firstCells(
      table,
      found.map((row) => row.database_name),
    );
  });

  test('databases as CSV', async () => {
    const { page } = await visit(address);
    const { lines } = await download(page, region(page, 'Databases').getByRole('button', { name: 'CSV' }));
    const databases = await ask<Database[]>(`/instances/${id}/databases?sort=-size_bytes&limit=1000`);
    const [heading = [], ...rows] = lines;
    expect(rows.map((row) => Number(row[heading.indexOf('size_bytes')]))).toEqual(
      databases.map((row) => row.size_bytes),
    );
  });
});

describe('statistics', () => {
  test.each([
    ['Week', 'weekly', 4],
    ['Quarter', 'quarterly', 36],
  ])('by %s', async (label, period, months) => {
    const { page } = await visit(`${address}/statistics`);
    await pick(page, label);
    await page.waitForURL(new RegExp(`period=${period}`));
    const start = new Date(Date.now() - months * 31 * 86_400_000).toISOString().slice(0, 10);
    const periods = await ask<Period[]>(
      `/instances/${id}/database-sizes/aggregations?period_type=${period}&start_date=${start}`,
    );
    const table = region(page, 'By database and period');
    await firstCells(
      table,
      periods.slice(0, 50).map((row) => row.database_name),
    );
    const [shown] = await rowsOf(table);
    const [first] = periods;
    if (first === undefined) throw new Error('the demonstration has statistics');
    expect(shown?.slice(2, 7)).toEqual([
      bytesText(first.statistics.avg_size_bytes),
      bytesText(first.statistics.max_size_bytes),
      bytesText(first.statistics.min_size_bytes),
      changeText(first.statistics.change_bytes),
      rateText(first.statistics.growth_rate),
    ]);
    expect(shown?.[1]?.includes('Running')).toBe(!first.is_complete);
  });

  test('are sorted by average, and found by name, at once', async () => {
    const { page } = await visit(`${address}/statistics`);
    const table = region(page, 'By database and period');
    await table.getByRole('button', { name: 'Sort column Average' }).click();
    const periods = await ask<Period[]>(`/instances/${id}/database-sizes/aggregations?period_type=monthly`);
    const largest = Math.max(...periods.map(({ statistics }) => statistics.avg_size_bytes));
    expect((await rowsOf(table))[0]?.[2]).toBe(bytesText(largest));
    expect(await table.getByRole('columnheader', { name: /Average/ }).getAttribute('aria-sort')).toBe('descending');
  });

  test('growth rates are a chart too', async () => {
    const trends = await ask<{ summary: { total_growth_rate: number | null } }>(
      `/instances/${id}/database-sizes/trends?period_type=monthly&months=12`,
    );
    const { page } = await visit(`${address}/statistics`);
    const total = await page.getByRole('group', { name: 'Total growth' }).innerText();
    expect(total).toContain(rateText(trends.summary.total_growth_rate));
    await pick(page, 'Growth rate');
    await page.waitForURL(/show=growth/);
    await page.getByRole('figure').waitFor();
  });
});

test('files and volumes: allocated, used, limit, free', async () => {
  const storage = await ask<Storage[]>(`/instances/${id}/storage`);
  const volumes = storage.filter(({ scope }) => scope === 'volume');
  expect(storage.length).toBeGreaterThan(0);
  const { page } = await visit(`${address}/files`);
  const title = volumes.length > 0 ? 'Volumes' : 'Logs of the server';
  const shown = volumes.length > 0 ? volumes : storage.filter(({ scope }) => scope === 'log');
  expect((await rowsOf(region(page, title))).map((cells) => cells.slice(0, 5))).toEqual(
    shown.map((row) => [
      row.name,
      bytesText(row.allocated_bytes),
      bytesText(row.used_bytes),
      bytesText(row.limit_bytes),
      bytesText(row.free_bytes),
    ]),
  );
});

test('history of collections', async () => {
  const records = await ask<{ session_id: number; databases_measured: number }[]>(`/instances/${id}/records?limit=50`);
  const { page } = await visit(`${address}/collections`);
  const rows = await rowsOf(region(page, 'History of collections'));
  expect(rows.map((cells) => [cells[2], cells[5]])).toEqual(
    records.map((row) => [`#${row.session_id}`, String(row.databases_measured)]),
  );
});

test('tabs are links with the address of their own', async () => {
  const { page } = await visit(address);
  await page.getByRole('tab', { name: 'Statistics' }).click();
  await page.waitForURL(/\/statistics$/);
  await page.goBack();
  await page.getByRole('figure', { name: 'Size by day' }).waitFor();
});
