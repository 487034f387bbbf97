import { expect } from '@jest/globals';
import { ask } from './support/api.ts';
import { test, useBrowser } from './support/browser.ts';
import { bytesText, changeText, download, firstCells, rateText, region, rowsOf } from './support/reading.ts';
import { pick } from './support/widgets.ts';

interface Growth {
  readonly group: string | null;
  readonly instance_name: string | null;
  readonly database_name: string | null;
  readonly size_bytes: number;
  readonly previous_size_bytes: number | null;
  readonly change_bytes: number | null;
  readonly growth_rate: number | null;
}

interface Database {
  readonly instance_id: number;
  readonly instance_name: string;
  readonly database_name: string;
  readonly size_bytes: number;
}

const visit = useBrowser();
const address = '/a/tidemark-storage-app/growth';

test('databases that grew, with before and now', async () => {
  const expected = await ask<Growth[]>('/growth?days=30&group_by=database&order=growth&limit=50');
  const { page } = await visit(address);
  expect((await rowsOf(region(page, 'Growth in 30 days'))).map((cells) => cells.slice(0, 6))).toEqual(
    expected.map((row) => [
      row.database_name,
      row.instance_name,
      bytesText(row.previous_size_bytes),
      bytesText(row.size_bytes),
      changeText(row.change_bytes),
      rateText(row.growth_rate),
    ]),
  );
});

test('order, group and window lead to other rows, each in the address', async () => {
  const { page } = await visit(address);
  await pick(page, 'Shrank most');
  await page.waitForURL(/order=shrink/);
  const shrunk = await ask<Growth[]>('/growth?days=30&order=shrink&limit=50');
  await firstCells(
    region(page, 'Growth in 30 days'),
    shrunk.map((row) => row.database_name ?? ''),
  );

  await pick(page, '7 days');
  await pick(region(page, 'Growth in 7 days'), 'Owner');
  await page.waitForURL(/group_by=owner/);
  const owners = await ask<Growth[]>('/growth?days=7&order=shrink&group_by=owner&limit=50');
  await firstCells(
    region(page, 'Growth in 7 days'),
    owners.map((row) => row.group ?? 'None'),
  );
});

test('the second page goes on where the first ended', async () => {
  const { page } = await visit(address);
  const table = region(page, 'Growth in 30 days');
  await table.getByRole('button', { name: /next page/i }).click();
  await page.waitForURL(/offset=50/);
  const expected = await ask<Growth[]>('/growth?days=30&limit=50&offset=50');
  await firstCells(
    table,
    expected.map((row) => row.database_name ?? ''),
  );
});

test('the whole table as CSV', async () => {
  const { page } = await visit(`${address}?group_by=engine`);
  const { lines } = await download(page, page.getByRole('button', { name: 'CSV' }));
  const expected = await ask<Growth[]>('/growth?days=30&group_by=engine');
  const [heading = [], ...rows] = lines;
  expect(rows.map((row) => row[heading.indexOf('size_bytes')])).toEqual(expected.map((row) => String(row.size_bytes)));
});

test('who occupies the space: the largest database is a tile that leads to it', async () => {
  const [largest] = await ask<Database[]>('/databases?limit=1');
  if (largest === undefined) throw new Error('the demonstration has databases');
  const { page } = await visit(address);
  const picture = page.getByRole('list', { name: 'Who occupies the space' });
  const tile = picture.getByRole('link', {
    name: new RegExp(`› ${largest.instance_name} › ${largest.database_name}: ${bytesText(largest.size_bytes)}`),
  });
  await tile.click();
  await page.waitForURL(new RegExp(`/instances/${largest.instance_id}/databases/${largest.database_name}$`));
});

test('the picture is walked with the keyboard', async () => {
  const { page } = await visit(address);
  const tiles = page.getByRole('list', { name: 'Who occupies the space' });
  await tiles.getByRole('button').first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'All', exact: true }).waitFor();
  await tiles.getByRole('button').first().focus();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'All', exact: true }).waitFor({ state: 'detached' });
});
