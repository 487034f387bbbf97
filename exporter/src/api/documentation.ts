import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { docsPage, docsScript } from './openapi/page.ts';
import { defineRoute, type Route } from './route.ts';
import { document } from './routing/response.ts';

const { resolve } = createRequire(import.meta.url);

/** What the page is made of; nothing comes from another host. */
const files = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const;
const script = 'start.js';

// Swagger UI puts its icons into the style sheet and sizes into style attributes.
const policy = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:"],
  ...["connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'"],
].join('; ');

const contentTypes = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
  [script]: 'text/javascript; charset=utf-8',
} as const;

/** The description of the API: `/openapi.json`, and a page of it: `/docs` */
export const documentationRoutes: readonly Route[] = [
  defineRoute('GET /openapi.json', {
    tag: 'Documentation',
    summary: 'This description, as OpenAPI 3.1',
    response: document(() => 'application/json'),
    example: {},
    handler: ({ context: { openApi } }) => openApi(),
  }),

  defineRoute('GET /docs', {
    tag: 'Documentation',
    summary: 'This description as a page, on which calls can be tried out',
    response: document(() => 'text/html; charset=utf-8', { 'content-security-policy': policy }),
    example: {},
    handler: () => docsPage,
  }),

  defineRoute('GET /docs/{file}', {
    tag: 'Documentation',
    summary: 'What the page is made of',
    params: z.strictObject({
      file: z.enum([...files, script], `expected one of ${[...files, script].join(', ')}`).meta({ example: script }),
    }),
    response: document((params) => contentTypes[(params as { file: keyof typeof contentTypes }).file]),
    example: { params: { file: script } },
    handler: async ({ params: { file } }) =>
      file === script ? docsScript : readFile(resolve(`swagger-ui-dist/${file}`)),
  }),
];
