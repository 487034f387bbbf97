import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { browserServers } from './support/servers.ts';

const dist = fileURLToPath(new URL('../../plugin/dist', import.meta.url));
const scripts = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.js'));
const sizeOf = (path: string) => statSync(join(dist, path)).size;

/** Bytes as they are in the archive, before any compression. */
test('what Grafana loads at its own start is under 20 KB', () => {
  expect(sizeOf('module.js')).toBeLessThan(20_000);
});

test('no script is over 250 KB', () => {
  expect(scripts.length).toBeGreaterThan(10);
  expect(scripts.filter((path) => sizeOf(path) > 250_000)).toEqual([]);
});

test('each page is a script of its own', () => {
  const pages = ['overview', 'instances', 'instance', 'database', 'growth', 'collections', 'configuration'];
  expect(pages.filter((name) => !scripts.includes(`${name}.js`))).toEqual([]);
});

test('each plugin comes with the source map of its module', () => {
  const modules = scripts.filter((path) => path.endsWith('module.js'));
  expect(modules).toHaveLength(3);
  for (const path of modules) expect(sizeOf(`${path}.map`)).toBeGreaterThan(0);
});

test('no script holds the token', () => {
  const { token } = browserServers();
  expect(scripts.filter((path) => readFileSync(join(dist, path), 'utf8').includes(token))).toEqual([]);
});
