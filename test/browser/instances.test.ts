import { describe, expect } from '@jest/globals';
import { ask } from './support/api.ts';
import { seriousFindings, test, useBrowser } from './support/browser.ts';
import { bytesText, changeText, download, firstCells, rateText, rowsOf } from './support/reading.ts';
import { add, choose } from './support/widgets.ts';

interface Instance {
  readonly id: number;
  readonly name: string;
  readonly owner: string | null;
  readonly server_version: string | null;
  readonly total_size_bytes: number | null;
  readonly database_count: number;
  readonly growth: { readonly change_bytes: number | null; readonly growth_rate: number | null } | null;
}

const visit = useBrowser();
const address = '/a/tidemark-storage-app/instances';
const namesOf = (instances: readonly Instance[]) => instances.map(({ name }) => name);

describe('the list', () => {
  test('shows what the exporter knows', async () => {
    const instances = await ask<Instance[]>('/instances?sort=-total_size_bytes&growth_days=30&limit=50');
    const { page } = await visit(address);
    const rows = await rowsOf(page);
    expect(rows.map((cells) => cells[0]?.split('\n')[0])).toEqual(namesOf(instances));
    expect(rows.map((cells) => [cells[1], cells[2], cells[3], cells[5], cells[6]])).toEqual(
      instances.map((one) => [
        one.server_version,
        one.owner ?? '',
        `${bytesText(one.total_size_bytes)}\n${one.database_count} databases`,
        changeText(one.growth?.change_bytes ?? null),
        rateText(one.growth?.growth_rate ?? null),
      ]),
    );
  });

  test('is sorted by a click on a heading, both ways, and keeps that in the address', async () => {
    const { page } = await visit(address);
    for (const sort of ['-change_bytes', 'change_bytes']) {
      await page.getByRole('button', { name: 'Sort column Growth' }).click();
      await page.waitForURL((url) => url.searchParams.get('sort') === sort);
      await firstCells(page, namesOf(await ask<Instance[]>(`/instances?sort=${sort}&growth_days=30&limit=50`)));
    }
    await page.reload();
    await firstCells(page, namesOf(await ask<Instance[]>('/instances?sort=change_bytes&growth_days=30&limit=50')));
  });

  test('is searched', async () => {
    const { page } = await visit(address);
    await page.getByRole('textbox', { name: 'Search instances' }).fill('SHOP');
    await page.waitForURL(/search=SHOP/);
    const expected = namesOf(await ask<Instance[]>('/instances?search=SHOP&sort=-total_size_bytes'));
    expect(expected.length).toBeGreaterThan(0);
    await firstCells(page, expected);
  });

  test('is filtered by engine, owner, label and last collection', async () => {
    const { page } = await visit(address);
    await add(page, 'Engine', 'Oracle');
    await firstCells(page, namesOf(await ask<Instance[]>('/instances?engine=oracle&sort=-total_size_bytes')));

    await add(page, 'Label', 'environment=test');
    await firstCells(
      page,
      namesOf(await ask<Instance[]>('/instances?engine=oracle&label=environment=test&sort=-total_size_bytes')),
    );

    await page.goto(page.url().split('?')[0] ?? '');
    await choose(page, 'Last collection', 'Failed');
    await firstCells(page, namesOf(await ask<Instance[]>('/instances?status=failed&sort=-total_size_bytes')));
  });

  test('an empty filter says what to do', async () => {
    const { page } = await visit(`${address}?search=no-such-instance`);
    await page.getByTestId('tidemark-empty').getByText('Clear the filter').waitFor();
  });

  test('is saved as CSV, whole, in the filter that is shown', async () => {
    const { page } = await visit(`${address}?engine=mysql`);
    const { name, lines } = await download(page, page.getByRole('button', { name: 'CSV' }));
    const expected = await ask<Instance[]>('/instances?engine=mysql&sort=-total_size_bytes&limit=1000');
    expect(name).toBe('tidemark-instances.csv');
    const column = lines[0]?.indexOf('name') ?? -1;
    expect(lines.slice(1).map((line) => line[column])).toEqual(namesOf(expected));
  });
});

describe('the form', () => {
  test('asks for what is missing, and shows the grants', async () => {
    const { page } = await visit(address, { role: 'Admin' });
    await page.getByRole('button', { name: 'Add instance' }).click();
    const form = page.getByRole('dialog');
    await form.getByRole('button', { name: 'Save' }).click();
    expect(await form.getByText('Expected a value here').count()).toBe(3);

    await form.getByRole('button', { name: /What the login needs/ }).click();
    const [engine] = await ask<{ grants: { statements: string[] }[] }[]>('/engines');
    const statement = engine?.grants[0]?.statements[0] ?? '';
    await form.getByText(statement, { exact: false }).first().waitFor();
    expect(await seriousFindings(page, '[role=dialog]')).toEqual([]);
  });

  test('an instance is added, changed and removed', async () => {
    const { page, watch } = await visit(address, { role: 'Admin' });
    const name = `browser-${Date.now()}`;
    await page.getByRole('button', { name: 'Add instance' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel(/^Name \*/).fill(name);
    await form.getByLabel(/^Host/).fill('database.invalid');
    await form.getByLabel(/^User name/).fill('tidemark');
    await form.getByLabel(/^Password/).fill('secret');
    await form.getByLabel(/^Owner/).fill('team-browser');

    // Nobody is there: the reason is said, and the form stays.
    watch.expectFailure(/instances\/test$/);
    await form.getByRole('button', { name: 'Test connection' }).click();
    await form
      .getByTestId('tidemark-error')
      .getByText(/this host cannot be tested: it does not resolve/)
      .waitFor();

    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
    const find = async () => (await ask<Instance[]>(`/instances?search=${name}`))[0];
    expect(await find()).toMatchObject({ name, owner: 'team-browser', host: 'database.invalid', port: 5432 });

    await page.goto(`${page.url().split('?')[0] ?? ''}?search=${name}`);
    await page.getByRole('button', { name: `Settings of ${name}` }).click();
    await form.getByLabel(/^Host/).fill('other.invalid');
    await form.getByRole('button', { name: 'Test connection' }).click();
    await form.getByText('Enter the password to test what you have changed').waitFor();
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
    expect(await find()).toMatchObject({ host: 'other.invalid', username: 'tidemark' });

    await page.getByRole('button', { name: `Remove ${name}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill(name);
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByTestId('tidemark-empty').waitFor();
    expect(await find()).toBeUndefined();
  });

  test('a provisioned instance is only shown', async () => {
    const [first] = await ask<Instance[]>('/instances?sort=-total_size_bytes&limit=1');
    const { page } = await visit(address, { role: 'Admin' });
    await page.getByRole('button', { name: `Settings of ${first?.name ?? ''}` }).click();
    const form = page.getByRole('dialog');
    await form.getByText('This instance is provisioned').waitFor();
    expect(await form.getByLabel(/^Name \*/).isDisabled()).toBe(true);
    expect(await form.getByRole('button', { name: 'Save' }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });
  });
});
