import type { Locator, Page } from 'playwright-core';

/** Chooses in one of Grafana's comboboxes. */
export async function choose(page: Page, label: string, option: string): Promise<void> {
  const box = page.getByRole('combobox', { name: label, exact: true });
  await box.click();
  // Of many options only those in sight are there: typing narrows them. An option may explain itself after its name.
  await box.fill(option);
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

/** Chooses among buttons of which one is pressed: Grafana lays a radio button over each text. */
export const pick = (place: Locator | Page, option: string): Promise<void> =>
  place.getByRole('radio', { name: option, exact: true }).first().check();
