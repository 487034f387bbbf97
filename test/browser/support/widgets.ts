import type { Page } from 'playwright-core';

/** Chooses in one of Grafana's comboboxes. */
export async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label, exact: true }).click();
  // An option may explain itself after its name.
  await page
    .getByRole('option', { name: new RegExp(`^${option.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`) })
    .first()
    .click();
}

/** Types into a combobox that takes several values, and chooses what is then offered. */
export async function add(page: Page, label: string, value: string): Promise<void> {
  const box = page.getByRole('combobox', { name: label, exact: true });
  await box.click();
  await box.fill(value);
  await page.getByRole('option', { name: value }).first().click();
  await page.keyboard.press('Escape');
}
