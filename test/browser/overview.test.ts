import { describe, expect } from '@jest/globals';
import { ask } from './support/api.ts';
import { test, useBrowser } from './support/browser.ts';
import { bytesText, changeText, firstCells, rateText, region, rowsOf } from './support/reading.ts';
import { pick } from './support/widgets.ts';

interface Growth {
  readonly group: string | null;
  readonly size_bytes: number;
  readonly change_bytes: number | null;
  readonly growth_rate: number | null;
  readonly database_count: number;
  readonly new_count: number;
}

interface Database {
  readonly database_name: string;
  readonly instance_name: string;
  readonly size_bytes: number;
  readonly growth: { readonly change_bytes: number | null; readonly growth_rate: number | null } | null;
}

interface Instance {
  readonly name: string;
  readonly last_collection: { readonly error_message: string | null } | null;
}

interface Forecast {
  readonly database_name: string;
  readonly instance_name: string;
  readonly limit_bytes: number | null;
  readonly full_at: string | null;
}

const visit = useBrowser();
const address = '/a/tidemark-storage-app/overview';

describe.each([30, 7])('in %i days', (days) => {
  test('figures of the fleet', async () => {
    const [fleet] = await ask<Growth[]>(`/growth?group_by=fleet&days=${days}`);
    const { page } = await visit(`${address}?days=${days}`);
    const figure = (name: string) => page.getByRole('group', { name, exact: true }).innerText();

    expect(await figure('Total size')).toBe(
      `Total size\n${bytesText(fleet?.size_bytes ?? 0)}\n${fleet?.database_count} databases`,
    );
    expect(await figure(`Growth in ${days} days`)).toBe(
      `Growth in ${days} days\n${changeText(fleet?.change_bytes ?? null)}\n${rateText(fleet?.growth_rate ?? null)}`,
    );
    expect(await figure('New databases')).toContain(`\n${fleet?.new_count}\n`);
  });

  test.each([
    ['Largest databases', '-size_bytes'],
    ['Grew most', '-change_bytes'],
  ])('%s', async (title, sort) => {
    const databases = await ask<Database[]>(`/databases?sort=${sort}&growth_days=${days}&limit=10`);
    const { page } = await visit(`${address}?days=${days}`);
    expect(await rowsOf(region(page, title))).toEqual(
      databases.map((row) => [
        row.database_name,
        row.instance_name,
        bytesText(row.size_bytes),
        changeText(row.growth?.change_bytes ?? null),
        rateText(row.growth?.growth_rate ?? null),
      ]),
    );
  });
});

test('what failed last night, with the reason, then what was measured in part', async () => {
  const failed = await ask<Instance[]>('/instances?status=failed&active=true&sort=name');
  const partial = await ask<Instance[]>('/instances?status=partial&active=true&sort=name');
  expect(failed.length).toBeGreaterThan(0);
  expect(partial.length).toBeGreaterThan(0);

  const { page } = await visit(address);
  const section = region(page, 'Last collection');
  await firstCells(
    section,
    [...failed, ...partial].map(({ name }) => name),
    1,
  );
  // Reasons of those in part are read one by one.
  await section
    .getByRole('row')
    .filter({ hasText: partial.at(-1)?.name ?? '' })
    .getByRole('cell')
    .last()
    .getByText(/\w+:/)
    .waitFor();
  const reasons = (await rowsOf(section)).map((cells) => cells[3]);
  expect(reasons.slice(0, failed.length)).toEqual(failed.map((one) => one.last_collection?.error_message));
  expect(reasons.filter((reason) => reason === '')).toEqual([]);
});

test('by engine and by owner', async () => {
  const owners = await ask<Growth[]>('/growth?group_by=owner&limit=20');
  const { page } = await visit(address);
  expect(await rowsOf(region(page, 'By owner'))).toEqual(
    owners.map((row) => [
      row.group ?? 'None',
      String(row.database_count),
      bytesText(row.size_bytes),
      changeText(row.change_bytes),
      rateText(row.growth_rate),
    ]),
  );
  const engines = await ask<Growth[]>('/growth?group_by=engine');
  expect((await rowsOf(region(page, 'By engine'))).map((cells) => cells[2])).toEqual(
    engines.map((row) => bytesText(row.size_bytes)),
  );
});

test('what is full soon', async () => {
  const forecasts = await ask<Forecast[]>('/forecasts?within_days=180&sort=full_at&limit=10');
  expect(forecasts.length).toBeGreaterThan(0);
  const { page } = await visit(address);
  expect((await rowsOf(region(page, 'Full soon'))).map((row) => [row[0], row[1], row[3], row[6]])).toEqual(
    forecasts.map((row) => [
      row.database_name,
      row.instance_name,
      bytesText(row.limit_bytes),
      row.full_at?.slice(0, 10),
    ]),
  );
});

test('a filter narrows every part, and stays when the page is loaded again', async () => {
  const [narrowed] = await ask<Growth[]>('/growth?group_by=fleet&engine=oracle');
  const { page } = await visit(`${address}?engine=oracle`);
  const total = page.getByRole('group', { name: 'Total size', exact: true });
  expect(await total.innerText()).toContain(bytesText(narrowed?.size_bytes ?? 0));
  expect((await rowsOf(region(page, 'By engine'))).map(([name]) => name)).toEqual(['Oracle']);

  await pick(page, '90 days');
  await page.waitForURL(/days=90/);
  await page.reload();
  await page.getByRole('group', { name: 'Growth in 90 days', exact: true }).waitFor();
  expect(page.url()).toContain('engine=oracle');
  expect(await total.innerText()).toContain(bytesText(narrowed?.size_bytes ?? 0));
});

test('the chart has a line an engine, and one an owner', async () => {
  const { page } = await visit(address);
  const chart = page.getByRole('figure', { name: 'Size by day' });
  await chart.getByRole('button', { name: /Oracle/ }).waitFor();
  await pick(region(page, 'Size by day'), 'Owner');
  await page.waitForURL(/chart=owner/);
  await chart.getByRole('button', { name: /team-orders/ }).waitFor();
});
