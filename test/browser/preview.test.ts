import { expect } from '@jest/globals';
import { browserServers } from './support/servers.ts';
import { test, useBrowser } from './support/browser.ts';

const visit = useBrowser();

test('the page says that it is a preview', async () => {
  const { page } = await visit('/');
  await page.getByRole('banner').getByText('Preview').waitFor();
  expect(await page.title()).toMatch(/preview/);
});

test('theme and language are chosen in the page', async () => {
  const { page } = await visit('/');
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await background();
  await page.getByLabel('Theme').selectOption('light');
  await page.waitForFunction((before) => getComputedStyle(document.body).backgroundColor !== before, dark);
  expect(await background()).not.toBe(dark);

  await page.getByLabel('Language').selectOption('zh-Hans');
  await page.waitForFunction(() => document.documentElement.lang === 'zh-Hans');
  expect(await page.getByLabel('Theme').inputValue()).toBe('light');
});

test('it answers under the names of this machine only', async () => {
  const { preview } = browserServers();
  const { port } = new URL(preview);
  const answer = await fetch(`http://127.0.0.1:${port}/preview/boot.json`, {
    headers: { origin: 'http://attacker.example' },
  });
  expect(answer.status).toBe(403);
});

test('settings go in with secrets and come out without', async () => {
  const { preview, token } = browserServers();
  const answer = await fetch(`${preview}/api/datasources`, { headers: { 'x-preview-role': 'Admin' } });
  const text = await answer.text();
  expect(text).not.toContain(token);
  expect(JSON.parse(text)).toEqual([
    expect.objectContaining({ uid: 'tidemark', secureJsonFields: { apiToken: true } }),
  ]);
});
