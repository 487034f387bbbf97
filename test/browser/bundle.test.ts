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

test('the dashboards are those of the repository, with the revision by which Grafana sees that they are new', () => {
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const { version } = read(join(dist, '..', 'package.json')) as { version: string };
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const source = join(dist, '../../dashboards/json/tidemark');
  const files = readdirSync(source);
  expect(readdirSync(join(dist, 'dashboards'))).toEqual(files);
  for (const file of files) {
    expect(read(join(dist, 'dashboards', file))).toEqual({
      ...read(join(source, file)),
      revision: major * 1_000_000 + minor * 1_000 + patch,
    });
  }
});

test('no script holds the token', () => {
  const { token } = browserServers();
  expect(scripts.filter((path) => readFileSync(join(dist, path), 'utf8').includes(token))).toEqual([]);
});
