import { beforeAll, expect } from '@jest/globals';
import { ask } from './support/api.ts';
import { test, useBrowser } from './support/browser.ts';
import { bytesText, changeText, download, rateText, region, rowsOf } from './support/reading.ts';
import { pick } from './support/widgets.ts';

interface Database {
  readonly instance_id: number;
  readonly database_name: string;
  readonly size_bytes: number;
  readonly limit_bytes: number | null;
  readonly gone_since: string | null;
  readonly growth: { readonly change_bytes: number | null; readonly growth_rate: number | null } | null;
}

const visit = useBrowser();
let database: Database;
let address: string;
const addressOf = (row: Database) =>
  `/a/tidemark-storage-app/instances/${row.instance_id}/databases/${encodeURIComponent(row.database_name)}`;

beforeAll(async () => {
  const [forecast] = await ask<Database[]>('/forecasts?sort=full_at&limit=1');
  if (forecast === undefined) throw new Error('the demonstration has forecasts');
  const rows = await ask<Database[]>(
    `/instances/${forecast.instance_id}/databases?search=${encodeURIComponent(forecast.database_name)}&growth_days=30`,
  );
  const row = rows.find(({ database_name: name }) => name === forecast.database_name);
  if (row === undefined) throw new Error('a forecast is of a database');
  database = row;
  address = addressOf(row);
});

test('its figures', async () => {
  const { page } = await visit(address);
  const figure = (name: string) => page.getByRole('group', { name, exact: true }).innerText();
  expect(await figure('Size')).toContain(bytesText(database.size_bytes));
  expect(await figure('Limit')).toContain(bytesText(database.limit_bytes));
  expect(await figure('Growth in 30 days')).toBe(
    `Growth in 30 days\n${changeText(database.growth?.change_bytes ?? null)}\n${rateText(database.growth?.growth_rate ?? null)}`,
  );
});

test('its forecast: pace and the day when it is full', async () => {
  const [forecast] = await ask<{ change_bytes_per_day: number; full_at: string | null }[]>(
    `/instances/${database.instance_id}/forecasts?database_name=${encodeURIComponent(database.database_name)}&days=90&horizon_days=180`,
  );
  const { page } = await visit(address);
  const section = region(page, 'Forecast');
  expect(await section.getByRole('group', { name: 'Full on' }).innerText()).toContain(
    forecast?.full_at?.slice(0, 10) ?? 'Not foreseen',
  );
  expect(await section.getByRole('group', { name: 'Per day' }).innerText()).toContain(
    changeText(Math.round(forecast?.change_bytes_per_day ?? 0)),
  );
  await section.getByRole('figure', { name: 'Forecast' }).waitFor();
});

test('its history as CSV is what the exporter has', async () => {
  const range = 'from=2026-10-01&to=2026-10-31';
  const { page } = await visit(`${address}?${range}`);
  const { lines } = await download(page, region(page, 'History').getByRole('button', { name: 'CSV' }));
  const [history] = await ask<{ stats: { size_bytes: number }[] }[]>(
    `/instances/${database.instance_id}/database-sizes?start_date=2026-10-01&end_date=2026-10-31&database_name=${encodeURIComponent(database.database_name)}`,
  );
  const [heading = [], ...rows] = lines;
  expect(rows.map((row) => Number(row[heading.indexOf('size_bytes')]))).toEqual(
    history?.stats.map((point) => point.size_bytes),
  );
});

test('its statistics, by month and by quarter', async () => {
  const { page } = await visit(address);
  await pick(page, 'Quarter');
  await page.waitForURL(/period=quarterly/);
  const periods = await ask<{ period_start: string; statistics: { avg_size_bytes: number } }[]>(
    `/instances/${database.instance_id}/database-sizes/aggregations?period_type=quarterly&database_name=${encodeURIComponent(database.database_name)}`,
  );
  await page.getByRole('cell', { name: new RegExp(`^${periods.at(-1)?.period_start ?? ''}`) }).waitFor();
  expect((await rowsOf(region(page, 'Statistics'))).map((cells) => cells[2])).toEqual(
    periods.map((row) => bytesText(row.statistics.avg_size_bytes)),
  );
});

test('what happened to it is marked, and listed in words', async () => {
  const [event] = await ask<{ instance_id: number; database_name: string; date: string }[]>(
    `/events?kind=appeared&start_date=${new Date(Date.now() - 80 * 86_400_000).toISOString().slice(0, 10)}`,
  );
  if (event === undefined) throw new Error('a database of the demonstration appears');
  const { page } = await visit(
    `/a/tidemark-storage-app/instances/${event.instance_id}/databases/${encodeURIComponent(event.database_name)}`,
  );
  const list = page.getByRole('list', { name: 'What happened' });
  expect(await list.innerText()).toContain(`${event.date}: appeared`);
});

test('one that is gone says since when', async () => {
  const rows = await ask<Database[]>('/databases?include_gone=true&limit=1000');
  const gone = rows.find((row) => row.gone_since !== null);
  if (gone === undefined) throw new Error('a database of the demonstration has vanished');
  const { page } = await visit(addressOf(gone));
  await page.getByText(`Since ${gone.gone_since ?? ''}; what is shown is its last measurement.`).waitFor();
});
