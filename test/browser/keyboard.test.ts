import { describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ask } from './support/api.ts';
import { test, useBrowser } from './support/browser.ts';
import { app, settled } from './support/pages.ts';
import { firstCells } from './support/reading.ts';

interface Instance {
  readonly id: number;
  readonly name: string;
}

const visit = useBrowser();

/** Goes on with Tab until what has the focus is called so. */
async function tabTo(page: Page, role: string, name: string): Promise<void> {
  const target = page.getByRole(role as 'button', { name }).first();
  await target.waitFor();
  for (let presses = 0; presses < 120; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to the ${role} "${name}"`);
}

describe('without a mouse', () => {
  test('a table is sorted, and a row is opened', async () => {
    const { page } = await visit(`${app}/instances`);
    await settled(page);
    await tabTo(page, 'button', 'Sort column Growth');
    await page.keyboard.press('Enter');
    await page.waitForURL(/sort=-change_bytes/);
    const sorted = await ask<Instance[]>('/instances?sort=-change_bytes&growth_days=30&limit=50');
    await firstCells(
      page,
      sorted.map(({ name }) => name),
    );
    const [first] = sorted;
    await tabTo(page, 'link', first?.name ?? '');
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`/instances/${first?.id ?? 0}\\b`));
  });

  test('tabs of an instance are walked', async () => {
    const [instance] = await ask<Instance[]>('/instances?limit=1');
    const { page } = await visit(`${app}/instances/${instance?.id ?? 0}/storage`);
    await settled(page);
    await tabTo(page, 'tab', 'Statistics');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/statistics$/);
  });

  test('a form takes the focus, keeps it, and gives it back', async () => {
    const { page } = await visit(`${app}/instances`, { role: 'Admin' });
    await settled(page);
    await tabTo(page, 'button', 'Add instance');
    await page.keyboard.press('Enter');
    const form = page.getByRole('dialog');
    await form.waitFor();
    await page.waitForFunction(() => document.activeElement?.closest('[role=dialog]') != null);
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      expect(
        await page.evaluate(
          () => document.activeElement?.closest('[role=dialog]') !== null || document.body === document.activeElement,
        ),
      ).toBe(true);
    }
    // Grafana 12 hears the key within the form only, which Tab leaves for the browser's own controls.
    await form.getByRole('textbox').first().focus();
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.textContent.includes('Add instance') === true);
  });

  test('a choice is made in a filter', async () => {
    const { page } = await visit(`${app}/instances`);
    await settled(page);
    const box = page.getByRole('combobox', { name: 'Last collection', exact: true });
    await box.focus();
    await page.keyboard.type('Fail');
    await page.getByRole('option', { name: 'Failed' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('option', { name: 'Failed', selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/status=failed/);
  });
});
