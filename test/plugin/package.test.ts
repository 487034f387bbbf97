import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { dataSourceUid } from '../../plugin/src/constants';

/**
 * What Grafana's own validator checks before a plugin is published, as far as it concerns the sources. The validator is
 * a program that is downloaded when it runs, so its rules are repeated here.
 */
const folder = resolve(__dirname, '../../plugin');
const source = join(folder, 'src');

interface PluginJson {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly includes?: readonly { readonly type: string; readonly name: string; readonly path?: string }[];
  readonly info: {
    readonly description: string;
    readonly keywords: readonly string[];
    readonly author: { readonly name: string };
    readonly logos: { readonly small: string; readonly large: string };
    readonly screenshots: readonly { readonly name: string; readonly path: string }[];
    readonly version: string;
    readonly updated: string;
  };
  readonly dependencies: { readonly grafanaDependency: string };
}

const read = (path: string) => readFileSync(path, 'utf8');
const pluginJson = (path: string) => JSON.parse(read(join(path, 'plugin.json'))) as PluginJson;
const app = pluginJson(source);
const nested = readdirSync(source).filter((name) => existsSync(join(source, name, 'plugin.json')));
const packageJson = JSON.parse(read(join(folder, 'package.json'))) as { version: string };

test('the nested plugins are there and listed', () => {
  expect(nested.sort()).toEqual(['datasource', 'treemap']);
  for (const name of nested) {
    const { type, name: title } = pluginJson(join(source, name));
    expect(app.includes).toContainEqual({ type, name: title });
  }
});

describe.each(['.', ...nested])('%s', (name) => {
  const plugin = pluginJson(join(source, name));
  const { info } = plugin;

  test('has an id of organisation, name and type', () => {
    expect(plugin.id).toMatch(new RegExp(`^tidemark-[a-z]+-${plugin.type === 'app' ? 'app' : plugin.type}$`));
  });

  test('says what it is, by whom, and for which Grafana', () => {
    expect(info.description.length).toBeGreaterThan(20);
    expect(info.keywords.length).toBeGreaterThan(0);
    expect(info.author.name).toBe('Tidemark');
    expect(plugin.dependencies.grafanaDependency).toBe('>=12.3.0');
  });

  test('takes version and day from the build', () => {
    expect(info).toMatchObject({ version: '%VERSION%', updated: '%TODAY%' });
  });

  test('has its module', () => {
    expect(['ts', 'tsx'].some((ending) => existsSync(join(source, name, `module.${ending}`)))).toBe(true);
  });

  test.each(['small', 'large'] as const)('has a %s logo that runs nothing and loads nothing', (size) => {
    const svg = read(join(source, name, info.logos[size]));
    expect(svg).toMatch(/^<svg /);
    expect(svg).not.toMatch(/<script|<foreignObject|\son\w+=|javascript:|xlink:href|href=|<!ENTITY|url\(\s*['"]?http/i);
  });

  test('has the screenshots that it names', () => {
    for (const { name: title, path } of info.screenshots) {
      expect(title).not.toBe('');
      expect(existsSync(join(source, path))).toBe(true);
    }
  });
});

test('pages of the menu are pages of the app', () => {
  for (const { type, path } of app.includes ?? []) {
    if (type === 'page') expect(path).toMatch(/^\/a\/%PLUGIN_ID%\/[a-z]+$/);
  }
});

test('dashboards that come with the app are those of the repository, on the data source that it makes', () => {
  const dashboards = app.includes?.filter(({ type }) => type === 'dashboard') ?? [];
  const stored = resolve(folder, '../dashboards/json/tidemark');
  expect(dashboards.map(({ path = '' }) => basename(path)).sort()).toEqual(readdirSync(stored).sort());
  for (const { name, path = '' } of dashboards) {
    const { title, panels } = JSON.parse(read(join(stored, basename(path)))) as {
      title: string;
      panels: { datasource?: { uid: string } }[];
    };
    expect(name).toBe(title);
    for (const { datasource } of panels) expect(datasource?.uid ?? dataSourceUid).toBe(dataSourceUid);
  }
});

test.each(['README.md', 'CHANGELOG.md', 'LICENSE'])('has a %s', (name) => {
  const path = name === 'README.md' ? join(source, name) : join(folder, name);
  expect(read(path).length).toBeGreaterThan(100);
});

test('the changelog tells of this version', () => {
  expect(read(join(folder, 'CHANGELOG.md'))).toContain(`## ${packageJson.version}`);
});

test('the version is that of the exporter', () => {
  const exporter = JSON.parse(read(resolve(folder, '../exporter/package.json'))) as { version: string };
  expect(packageJson.version).toBe(exporter.version);
});

test("the build is Grafana's own, as it was generated", () => {
  expect(existsSync(join(folder, '.config/webpack/webpack.config.ts'))).toBe(true);
});

test('all libraries of Grafana are of one version', () => {
  const { dependencies } = JSON.parse(read(join(folder, 'package.json'))) as { dependencies: Record<string, string> };
  const versions = Object.entries(dependencies).filter(([name]) => name.startsWith('@grafana/'));
  expect(new Set(versions.map(([, version]) => version))).toEqual(new Set(['13.2.2']));
});
