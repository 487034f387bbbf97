import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { asFile, renderAll } from '../../../dashboards/src/index.ts';
import { dashboardsFolder, readDashboards } from './files.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const dashboards = [...readDashboards()];

test('the files are what the code renders: npm run dashboards writes them', () => {
  const rendered = renderAll();
  expect([...rendered.keys()].sort()).toEqual(dashboards.map(([path]) => path));
  for (const [path, dashboard] of rendered) {
    expect(readFileSync(join(dashboardsFolder, 'json', path), 'utf8')).toBe(asFile(dashboard));
  }
});

/** The JSON schema of a type; made by a process of its own, because Jest takes its time to load a compiler. */
function schemaOf(path: string): {
  definitions: Record<string, { additionalProperties?: boolean; required?: string[] }>;
} {
  const program = join(root, 'node_modules/ts-json-schema-generator/bin/ts-json-schema-generator.js');
  const options = ['--path', join(root, path), '--type', 'Dashboard', '--no-type-check'];
  return JSON.parse(execFileSync(process.execPath, [program, ...options], { encoding: 'utf8' })) as never;
}

describe('every file is a dashboard', () => {
  test('as the foundation SDK describes it', () => {
    const schema = schemaOf('node_modules/@grafana/grafana-foundation-sdk/dist/dashboard/types.gen.d.ts');
    // What a query holds is the data source's own business.
    schema.definitions.Dataquery = { ...schema.definitions.Dataquery, additionalProperties: true };
    const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
    for (const [path, dashboard] of dashboards) {
      validate(dashboard);
      expect([path, validate.errors]).toEqual([path, null]);
    }
    expect(validate({ ...dashboards[0]?.[1], panels: [{ type: 7 }] })).toBe(false);
  });

  test('as the Grafana of the plugin describes it', () => {
    const schema = schemaOf('node_modules/@grafana/schema/dist/types/raw/dashboard/x/types.gen.d.ts');
    // Grafana's types are open, and know only its own annotations.
    for (const definition of Object.values(schema.definitions)) {
      if (definition.additionalProperties === false) definition.additionalProperties = true;
    }
    schema.definitions.AnnotationTarget = { ...schema.definitions.AnnotationTarget, required: [] };
    const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
    for (const [path, dashboard] of dashboards) {
      validate(dashboard);
      expect([path, validate.errors]).toEqual([path, null]);
    }
    expect(validate({ ...dashboards[0]?.[1], schemaVersion: 'x' })).toBe(false);
  });
});

describe.each(dashboards)('%s', (path, dashboard) => {
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');

  test('has panels that do not overlap, within the width of the page', () => {
    const overlapping = dashboard.panels.flatMap(({ title, gridPos: a }, index) =>
      dashboard.panels
        .slice(index + 1)
        .filter(({ gridPos: b }) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h)
        .map((other) => `${title} and ${other.title}`),
    );
    expect(overlapping).toEqual([]);
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('says of every panel what it shows, in which unit, from the data source of its set', () => {
    expect(panels.length).toBeGreaterThanOrEqual(4);
    const uid = path.startsWith('tidemark') ? 'tidemark' : 'prometheus';
    for (const { title, description = '', fieldConfig, datasource, targets = [] } of panels) {
      expect([title, description.length > 10 && description.endsWith('.')]).toEqual([title, true]);
      expect([title, fieldConfig?.defaults.unit]).toEqual([title, expect.stringMatching(/^\w+$/)]);
      expect([title, datasource?.uid]).toEqual([title, uid]);
      expect(targets.length).toBeGreaterThan(0);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
    expect(dashboard.description.length).toBeGreaterThan(20);
  });

  test('uses only variables that it has, and each of them', () => {
    const text = JSON.stringify({ ...dashboard, templating: null });
    const ownQueries = JSON.stringify(dashboard.templating.list.map(({ query }) => query));
    const names = dashboard.templating.list.map(({ name }) => name);
    const used = new Set(
      [...(text + ownQueries).matchAll(/\$(?!__)\{?(\w+)/g)]
        .map(([, name]) => name)
        .filter((name) => !/^\d/.test(name ?? '')),
    );
    expect([...used].filter((name) => !names.includes(name ?? ''))).toEqual([]);
    expect(names.filter((name) => !used.has(name))).toEqual([]);
  });

  test('leads to the others of its set and into the app', () => {
    const [set, page] = dashboard.links;
    expect(set?.tags?.every((tag) => dashboard.tags.includes(tag))).toBe(true);
    const app = JSON.parse(readFileSync(join(root, 'plugin/src/plugin.json'), 'utf8')) as {
      id: string;
      includes: { path?: string }[];
    };
    const pages = app.includes.flatMap(({ path: page }) => page?.replace('%PLUGIN_ID%', app.id) ?? []);
    expect(pages.some((known) => page?.url?.startsWith(known))).toBe(true);
  });
});

test('no two dashboards share an id or a title, and the data sources are those that provisioning makes', () => {
  const of = (key: 'uid' | 'title') => dashboards.map(([, dashboard]) => dashboard[key]);
  expect(new Set(of('uid')).size).toBe(8);
  expect(new Set(of('title')).size).toBe(8);
  const { datasources } = parse(readFileSync(join(root, 'provisioning/grafana/datasources/tidemark.yaml'), 'utf8')) as {
    datasources: { uid: string; type: string }[];
  };
  const wanted = dashboards.flatMap(([, { panels }]) => panels.flatMap(({ datasource }) => datasource ?? []));
  for (const { uid, type } of wanted) expect(datasources).toContainEqual(expect.objectContaining({ uid, type }));
});

test('those on Prometheus are provisioned from where docker-compose.yml puts them, the others come with the app alone', () => {
  const { providers } = parse(readFileSync(join(root, 'provisioning/grafana/dashboards/tidemark.yaml'), 'utf8')) as {
    providers: { options: { path: string } }[];
  };
  const compose = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
  const mount = /\.\/dashboards\/json:(\S+?):ro/.exec(compose)?.[1] ?? '';
  expect(providers.map(({ options }) => options.path)).toEqual([`${mount}/prometheus`]);
  const app = JSON.parse(readFileSync(join(root, 'plugin/src/plugin.json'), 'utf8')) as {
    includes: { type: string; path?: string }[];
  };
  const brought = app.includes.flatMap(({ type, path }) => (type === 'dashboard' ? (path ?? '') : []));
  const own = dashboards.flatMap(([path]) =>
    path.startsWith('tidemark/') ? path.replace('tidemark', 'dashboards') : [],
  );
  expect(new Set(brought)).toEqual(new Set(own));
});
