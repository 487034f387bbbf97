import { expect } from '@jest/globals';
import { ask } from './support/api.ts';
import { seriousFindings, test, useBrowser } from './support/browser.ts';
import { region, rowsOf } from './support/reading.ts';

interface Setting {
  readonly name: string;
  readonly value: string | number | boolean;
  readonly description: string;
  readonly changed_by: string | null;
}

interface Token {
  readonly name: string;
  readonly role: string;
  readonly revoked_at: string | null;
}

const visit = useBrowser();
const address = '/a/tidemark-storage-app/configuration';
const admin = { role: 'Admin' } as const;

test('the connection is tested, and says who the token is', async () => {
  const me = await ask<{ name: string; version: string }>('/me');
  const { page } = await visit(address, admin);
  await page.getByText('The exporter answers').waitFor();
  await page.getByText(`Connected to Tidemark ${me.version} with the token "${me.name}"`).waitFor();
});

test('a wrong URL is explained where it is entered', async () => {
  const { page } = await visit(address, admin);
  const url = page.getByLabel(/^URL of the exporter/);
  await url.fill('exporter:9786');
  await page.getByText('Expected http:// or https://').waitFor();
  expect(await page.getByRole('button', { name: 'Save and test' }).isDisabled()).toBe(true);
});

test('a setting is changed, and it is written down who did', async () => {
  const before = (await ask<Setting[]>('/settings')).find(({ name }) => name === 'retention_months');
  const value = Number(before?.value ?? 0) + 1;
  const { page } = await visit(`${address}?tab=settings`, admin);
  const field = page.getByLabel(/^Months of daily sizes/);
  await field.fill(String(value));
  await page.getByRole('button', { name: 'Save' }).click();
  await page
    .getByText(/Changed by/)
    .first()
    .waitFor();
  // Of an exporter that has been changed before, the text is there from the start.
  await expectSetting('retention_months', value);
  const after = (await ask<Setting[]>('/settings')).find(({ name }) => name === 'retention_months');
  expect(after?.changed_by).not.toBeNull();

  await page.getByRole('tab', { name: 'Changes' }).click();
  const [first] = await rowsOf(region(page, 'Who changed what'));
  expect(first?.join(' ')).toContain(`retention_months`);
  expect(first?.at(-1)).toContain(`→ ${value}`);

  await page.getByRole('tab', { name: 'Settings of the exporter' }).click();
  await field.fill(String(before?.value));
  await page.getByRole('button', { name: 'Save' }).click();
  await expectSetting('retention_months', before?.value);
});

async function expectSetting(wanted: string, value: unknown): Promise<void> {
  const deadline = Date.now() + 10_000;
  let current: unknown;
  while (Date.now() < deadline && current !== value) {
    current = (await ask<Setting[]>('/settings')).find(({ name }) => name === wanted)?.value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(current).toBe(value);
}

test('a token is made, shown once, and revoked', async () => {
  const { page } = await visit(`${address}?tab=tokens`, admin);
  await page.getByRole('button', { name: 'New token' }).click();
  const dialog = page.getByRole('dialog');
  expect(await seriousFindings(page, '[role=dialog]')).toEqual([]);
  const name = `browser-${Date.now()}`;
  await dialog.getByRole('textbox', { name: /^Name/ }).fill(name);
  await dialog.getByRole('button', { name: 'Create' }).click();
  const secret = await dialog.locator('code').innerText();
  expect(secret).toMatch(/^tmk_/);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await page.getByText(secret).count()).toBe(0);
  expect((await ask<Token[]>('/tokens?limit=1000')).find((one) => one.name === name)?.role).toBe('viewer');

  await page.getByRole('button', { name: `Revoke ${name}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('row').filter({ hasText: name }).getByText('Revoked').waitFor();
  expect((await ask<Token[]>('/tokens?limit=1000')).find((one) => one.name === name)?.revoked_at).not.toBeNull();
});
