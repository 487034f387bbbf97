import type { Access } from '../access.ts';
import type { Route } from '../route.ts';
import { curlOf } from './curl.ts';
import { errorCodesOf, openApiDocument } from './document.ts';
import { introduction, tags } from './texts.ts';

const whoMay: Readonly<Record<Access, string>> = {
  open: 'everybody, without a token',
  everyone: 'every token; owners on their own instances',
  own: 'admins; owners on their own instances',
  admin: 'admins',
};

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: {
    readonly type?: string;
    readonly format?: string;
    readonly enum?: readonly string[];
    readonly minimum?: number;
    readonly maximum?: number;
    readonly default?: string | number;
    readonly items?: Parameter['schema'];
  };
}

/** All routes for people who read: what each takes, who may use it, which errors it has, and how to call it. */
export function describeApi(routes: readonly Route[]): string {
  const { paths } = openApiDocument(routes);
  const sections = tags.map(([tag, description]) => {
    const own = routes.filter((route) => route.tag === tag);
    if (own.length === 0) return '';
    const parts = own.map((route) =>
      describeRoute(route, (paths[route.path]?.[route.method.toLowerCase()] ?? {}) as { parameters?: Parameter[] }),
    );
    return `## ${tag}\n\n${description}\n\n${parts.join('\n')}`;
  });
  return [
    '# REST API of Tidemark\n',
    'Made from the code by `npm run documentation -w exporter`. The same for programs is [openapi.json](openapi.json); a running',
    'exporter serves it at `/api/v1/openapi.json`, and as a page to try out at `/api/v1/docs`. All paths start with `/api/v1`.\n',
    introduction,
    '',
    ...sections.filter((section) => section !== ''),
  ].join('\n');
}

function describeRoute(route: Route, operation: { readonly parameters?: readonly Parameter[] }): string {
  const { method, path, summary, description, access, response } = route;
  const parameters = operation.parameters ?? [];
  const rows = parameters.map(
    (parameter) => `| \`${parameter.name}\` | ${describeValue(parameter)} | ${parameter.description ?? ''} |`,
  );
  return [
    `### \`${method} ${path}\`\n`,
    `${summary}.${description === null ? '' : ` ${description}`}\n`,
    `For ${whoMay[access]}.${response.csv === null ? '' : ' Also as CSV.'}\n`,
    ...(rows.length === 0 ? [] : ['| parameter | value | meaning |', '| --- | --- | --- |', ...rows, '']),
    '```sh',
    curlOf(route),
    '```\n',
    `Errors: ${errorCodesOf(route)
      .map((code) => `\`${code}\``)
      .join(', ')}.\n`,
  ].join('\n');
}

function describeValue({ schema, required, in: place }: Parameter): string {
  const { items } = schema;
  const one = items ?? schema;
  const range = one.minimum === undefined ? '' : ` ${one.minimum} to ${one.maximum ?? '…'}`;
  const kind = one.enum === undefined ? `${one.format ?? one.type ?? 'text'}${range}` : one.enum.join(', ');
  return [
    kind,
    ...(items === undefined ? [] : ['may be repeated']),
    ...(required === true && place === 'query' ? ['required'] : []),
    ...(schema.default === undefined ? [] : [`default ${schema.default}`]),
  ].join('; ');
}
