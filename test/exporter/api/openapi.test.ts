import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { accessTable } from '../../../exporter/src/api/access.ts';
import { openApiDocument } from '../../../exporter/src/api/openapi/document.ts';
import { describeApi } from '../../../exporter/src/api/openapi/markdown.ts';
import { tags } from '../../../exporter/src/api/openapi/texts.ts';
import { routes } from '../../../exporter/src/api/routes.ts';

const exporter = new URL('../../../exporter/', import.meta.url);
const document = openApiDocument(routes);

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly example?: unknown }>> }>
  >;
}

function operationOf({ path, method }: (typeof routes)[number]): Operation {
  return document.paths[path]?.[method.toLowerCase()] as Operation;
}

describe('the routes', () => {
  test('are those of the access table, each once', () => {
    expect(routes.map((route) => route.operation).sort()).toEqual(Object.keys(accessTable).sort());
  });

  test('are in a section that the documentation has', () => {
    for (const { operation, tag } of routes) {
      expect({ operation, known: tags.some(([name]) => name === tag) }).toEqual({ operation, known: true });
    }
  });

  test('have examples that they themselves accept', () => {
    for (const { operation, path, params, query, body, example } of routes) {
      const text = (values: object | undefined) =>
        Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, String(value)]));
      const given = { operation, params: text(example.params), query: text(example.query), body: example.body };
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect({ operation, names: Object.keys(given.params) }).toEqual({ operation, names });
      const problems = [params?.safeParse(given.params), query?.safeParse(given.query), body?.safeParse(given.body)];
      expect({ given, problem: problems.find((result) => result?.success === false)?.error?.message }).toEqual({
        given,
      });
    }
  });
});

describe('the OpenAPI document', () => {
  test('is the one on record; npm run documentation -w exporter writes it', () => {
    const committed = readFileSync(new URL('openapi.json', exporter), 'utf8');
    expect(committed).toBe(`${JSON.stringify(document, null, 2)}\n`);
    expect(readFileSync(new URL('API.md', exporter), 'utf8')).toBe(describeApi(routes));
  });

  test('names every operation once, and every part of its path', () => {
    const operations = routes.map(operationOf);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(routes.length);
    for (const [index, route] of routes.entries()) {
      const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const named = operations[index]?.parameters
        ?.filter((parameter) => parameter.in === 'path')
        .map(({ name }) => name);
      expect({ route: route.operation, named: named ?? [] }).toEqual({ route: route.operation, named: inPath });
    }
  });

  test('shows for every answer an example that is one', () => {
    for (const route of routes) {
      const { schema, status } = route.response;
      if (schema === null) continue;
      const example = operationOf(route).responses[status]?.content?.['application/json']?.example;
      const { error } = schema.safeParse(example);
      expect({ route: route.operation, problem: error?.message }).toEqual({ route: route.operation });
    }
  });

  test('passes the linter', async () => {
    const command = fileURLToPath(new URL('../../../node_modules/@redocly/cli/bin/cli.js', import.meta.url));
    const path = fileURLToPath(new URL('openapi.json', exporter));
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const lint = promisify(execFile)(process.execPath, [command, 'lint', path, '--format', 'json'], { env });
    const { stdout } = await lint.catch((error: unknown) => error as { stdout: string });
    expect((JSON.parse(stdout) as { problems: unknown[] }).problems).toEqual([]);
  }, 120_000);
});
