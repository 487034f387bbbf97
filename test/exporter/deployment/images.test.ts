import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readEnvironment } from '../../../exporter/src/config/environment.ts';
import { readDockerfile, stagesOf } from './dockerfile.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const dockerfiles = ['exporter/Dockerfile', 'plugin/Dockerfile'];

/** Whether the builder is given a path: the last line of .dockerignore that speaks of it decides. */
function isSent(path: string): boolean {
  let sent = true;
  for (const line of readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')) {
    const pattern = line.replace(/^!/, '');
    if (line === '' || line.startsWith('#')) continue;
    const name = pattern.replace(/^\*\*\//, '');
    const matches =
      pattern === '*' || path === pattern || path.startsWith(`${pattern}/`) || path.split('/').includes(name);
    if (matches) sent = line.startsWith('!');
  }
  return sent;
}

describe.each(dockerfiles)('%s', (dockerfile) => {
  const stages = stagesOf(join(root, dockerfile));

  test('copies what there is, and what the builder is given', () => {
    const sources = stages
      .flatMap(({ COPY = [] }) => COPY)
      .filter((line) => !line.startsWith('--from='))
      .flatMap((line) => line.split(/\s+/).slice(0, -1));
    expect(sources.length).toBeGreaterThan(3);
    expect(sources.filter((path) => !existsSync(join(root, path)) || !isSent(path))).toEqual([]);
    expect(['node_modules', 'exporter/node_modules', 'exporter/dist', 'data', 'secrets'].filter(isSent)).toEqual([]);
  });

  test('is made of images of fixed versions, in stages', () => {
    const from = stages.map(({ FROM = [] }) => FROM[0] ?? '');
    expect(from.length).toBe(2);
    for (const image of from) expect(image).toMatch(/^[\w./-]+:[\w.-]+( AS build)?$/);
    expect(readFileSync(join(root, dockerfile), 'utf8')).not.toMatch(/:latest/);
  });

  test('runs npm scripts and workspaces that there are', () => {
    const runs = stages.flatMap(({ RUN = [] }) => RUN).join('\n');
    for (const [, script = '', workspace = ''] of runs.matchAll(/npm run (\w+) --workspace=(\w+)/g)) {
      const manifest = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as {
        scripts: Record<string, string>;
      };
      expect(Object.keys(manifest.scripts)).toContain(script);
    }
    expect(runs).toMatch(/npm ci/);
  });
});

describe('the image of the exporter', () => {
  const image = readDockerfile(join(root, 'exporter/Dockerfile'));

  test('holds Node and the program, no build tools, and runs as nobody in particular', () => {
    expect(image.get('FROM')).toEqual(['debian:bookworm-slim']);
    expect(image.get('USER')).toEqual(['10001:10001']);
    expect(image.get('RUN')?.join('\n')).not.toMatch(/apt-get|npm/);
    expect(image.get('COPY')?.filter((line) => line.startsWith('--from=build'))).toEqual([
      '--from=build /usr/local/bin/node /usr/local/bin/node',
      '--from=build /app /app',
    ]);
  });

  test('starts and checks a program that is there, with settings that there are', () => {
    const entry = JSON.parse(image.get('ENTRYPOINT')?.[0] ?? '') as string[];
    const check = JSON.parse(/CMD (\[.*\])/.exec(image.get('HEALTHCHECK')?.[0] ?? '')?.[1] ?? '') as string[];
    expect(check.slice(0, 2)).toEqual(entry);
    expect(check.slice(2)).toEqual(['health']);
    expect(existsSync(join(root, (entry[1] ?? '').replace('/app/', '')))).toBe(true);
    const settings = Object.fromEntries(
      (image.get('ENV')?.[0] ?? '').split(' ').map((pair) => pair.split('=') as [string, string]),
    );
    const { values, issues } = readEnvironment(settings);
    expect([issues, values?.TIDEMARK_PORT]).toEqual([[], Number(image.get('EXPOSE')?.[0])]);
  });
});

test('the Grafana that is built is one that the plugin runs on, and loads its parts', () => {
  const image = readDockerfile(join(root, 'plugin/Dockerfile'));
  const read = (path: string): { id: string; dependencies: { grafanaDependency: string } } =>
    JSON.parse(readFileSync(join(root, 'plugin/src', path), 'utf8')) as never;
  const parts = ['plugin.json', 'datasource/plugin.json', 'treemap/plugin.json'].map(read);
  const env = image.get('ENV')?.join('\n') ?? '';
  expect(/UNSIGNED_PLUGINS=(\S+)/.exec(env)?.[1]?.split(',').sort()).toEqual(parts.map(({ id }) => id).sort());
  const version = /grafana\/grafana:(\d+)\.(\d+)/
    .exec(image.get('FROM')?.[0] ?? '')
    ?.slice(1)
    .map(Number) ?? [0, 0];
  const least = />=(\d+)\.(\d+)/
    .exec(parts[0]?.dependencies.grafanaDependency ?? '')
    ?.slice(1)
    .map(Number) ?? [99, 0];
  expect((version[0] ?? 0) * 100 + (version[1] ?? 0)).toBeGreaterThanOrEqual((least[0] ?? 0) * 100 + (least[1] ?? 0));
});
