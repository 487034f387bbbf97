import { expect } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes as the pages write them, worked out apart from them: `1.50 GiB`, `–` for what is not known. */
export function bytesText(bytes: number | null): string {
  if (bytes === null) return '–';
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(2)} ${units[unit] ?? ''}`;
}

/** A change with its sign. */
export function changeText(bytes: number | null): string {
  if (bytes === null || bytes === 0) return bytesText(bytes);
  return `${bytes > 0 ? '+' : '−'}${bytesText(Math.abs(bytes))}`;
}

/** A rate in percent. */
export function rateText(percent: number | null): string {
  if (percent === null) return '–';
  const sign = percent > 0 ? '+' : percent < 0 ? '−' : '';
  return `${sign}${Math.abs(percent).toLocaleString('en-US', { maximumFractionDigits: 1 })} %`;
}

/** A part of a whole in percent. */
export function shareText(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toLocaleString('en-US', { maximumFractionDigits: 1 })} %`;
}

/** The part of a page with this heading. */
export const region = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });

/** The texts of a table's cells, row by row, as soon as it is there. */
export async function rowsOf(place: Locator | Page): Promise<string[][]> {
  const table = place.getByRole('table').first();
  await table.waitFor();
  return table
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText.trim())));
}

/** Waits until what is claimed holds: what was before may be shown while the new is loading. */
export async function until(claim: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await claim();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until a table's first cells are these, in this order. */
export async function firstCells(place: Locator | Page, expected: readonly string[], column = 0): Promise<void> {
  await until(async () => {
    expect((await rowsOf(place)).map((row) => row[column]?.split('\n')[0])).toEqual(expected);
  });
}

/** The CSV that a click saves: its lines, split. The demonstration has no quoted fields in these tables. */
export async function download(page: Page, button: Locator): Promise<{ name: string; lines: string[][] }> {
  const [file] = await Promise.all([page.waitForEvent('download'), button.click()]);
  const chunks: Buffer[] = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8').trimEnd();
  return { name: file.suggestedFilename(), lines: text.split(/\r?\n/).map((line) => line.split(',')) };
}
