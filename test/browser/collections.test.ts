import { expect } from '@jest/globals';
import { ask } from './support/api.ts';
import { seriousFindings, test, useBrowser } from './support/browser.ts';
import { firstCells, region, rowsOf } from './support/reading.ts';
import { choose, pick } from './support/widgets.ts';

interface Session {
  readonly id: number;
  readonly status: string;
  readonly databases_measured: number;
  readonly databases_failed: number;
  readonly instances: { readonly succeeded: number; readonly partial: number; readonly failed: number };
}

interface CollectionRecord {
  readonly instance: string;
  readonly status: string;
  readonly error_message: string | null;
  readonly failures: readonly { readonly database: string | null; readonly message: string }[];
}

const visit = useBrowser();
const address = '/a/tidemark-storage-app/collections';

test('runs, with how many instances ended how', async () => {
  const sessions = await ask<Session[]>('/collections?limit=30');
  const { page } = await visit(address);
  await page.getByRole('link', { name: `#${sessions[0]?.id ?? 0}`, exact: true }).waitFor();
  const table = page.getByRole('table').last();
  const rows = await table
    .locator('tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText.trim())));
  expect(rows.map((cells) => [cells[0], ...cells.slice(6)])).toEqual(
    sessions.map(({ id, instances, databases_measured: measured, databases_failed: failed }) =>
      [`#${id}`, instances.succeeded, instances.partial, instances.failed, measured, failed].map(String),
    ),
  );
});

test('the schedule says when the next run is', async () => {
  const jobs = await ask<{ job: string; schedule: string }[]>('/jobs');
  const { page } = await visit(address);
  expect((await rowsOf(region(page, 'Schedule'))).map((cells) => cells[1])).toEqual(
    jobs.map(({ schedule }) => schedule),
  );
});

test('the night before: failed instances first, and what is left when only those are asked for', async () => {
  const sessions = await ask<Session[]>('/collections?limit=30');
  const night = sessions.find(({ instances }) => instances.failed > 0 && instances.partial > 0);
  if (night === undefined) throw new Error('a night of the demonstration has trouble');
  const records = await ask<CollectionRecord[]>(`/collections/${night.id}/records?limit=50`);
  const { page } = await visit(`${address}/${night.id}`);
  const table = region(page, 'Instances');
  await firstCells(
    table,
    records.map(({ instance }) => instance),
    2,
  );
  expect((await rowsOf(table)).map((cells) => cells.at(-1))).toEqual(
    records.map(
      ({ error_message: message, failures }) =>
        message ?? failures.map((one) => `${one.database ?? ''}: ${one.message}`).join('; '),
    ),
  );

  await choose(page, 'Status', 'Failed');
  await page.waitForURL(/status=failed/);
  await firstCells(
    table,
    records.filter(({ status }) => status === 'failed').map(({ instance }) => instance),
    2,
  );
});

test('run now: the run is shown until it ends, and measured the live instance', async () => {
  const { page } = await visit(address, { role: 'Editor' });
  await page.getByRole('button', { name: 'Run now' }).click();
  const dialog = page.getByRole('dialog');
  expect(await seriousFindings(page, '[role=dialog]')).toEqual([]);
  await pick(dialog, 'One instance');
  await choose(page, 'Which', 'tidemark-repository');
  await dialog.getByRole('button', { name: 'Start' }).click();

  await page.waitForURL(/\/collections\/\d+/);
  await region(page, 'Instances').getByText('Succeeded').waitFor({ timeout: 60_000 });
  const id = /collections\/(\d+)/.exec(page.url())?.[1] ?? '';
  const session = await ask<Session>(`/collections/${id}`);
  expect(session).toMatchObject({ status: 'succeeded', instances: { succeeded: 1 } });
  expect(await page.getByRole('group', { name: 'Databases measured' }).innerText()).toContain(
    String(session.databases_measured),
  );
  expect(await page.getByRole('progressbar').count()).toBe(0);
});

test('a viewer starts nothing', async () => {
  const { page } = await visit(address, { role: 'Viewer' });
  await page.getByRole('table').first().waitFor();
  expect(await page.getByRole('button', { name: 'Run now' }).count()).toBe(0);
});
