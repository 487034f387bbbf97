import type { Route } from '../route.ts';

/** A call of a route for a shell, with the values of its example. */
export function curlOf({ method, path, access, example }: Route): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => String(example.params?.[name] ?? 1));
  const query = Object.entries(example.query ?? {}).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const url = `http://localhost:9786/api/v1${filled}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  const lines = [
    `curl${method === 'GET' ? '' : ` -X ${method}`} '${url}'`,
    ...(access === 'open' ? [] : [`-H "Authorization: Bearer $TIDEMARK_TOKEN"`]),
    ...(example.body === undefined
      ? []
      : ["-H 'Content-Type: application/json'", `-d '${JSON.stringify(example.body).replaceAll("'", `'\\''`)}'`]),
  ];
  return lines.join(' \\\n  ');
}
