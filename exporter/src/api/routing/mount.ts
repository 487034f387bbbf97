import { isDeepStrictEqual } from 'node:util';
import express, { Router, type Request, type RequestHandler, type Response } from 'express';
import { TidemarkError } from '../../errors.ts';
import type { Actor } from '../../store/audit.ts';
import { isAllowed } from '../access.ts';
import { authenticate } from '../authentication.ts';
import type { ApiContext } from '../context.ts';
import type { Route, RouteRequest } from '../route.ts';
import { sendCsv } from './csv.ts';
import { readInput } from './input.ts';
import { JsonText, type PageRequest } from './response.ts';
import { sendText } from './send-text.ts';

/** Rows that an export reads at a time. */
const exportPage = 10_000;

const readBody: RequestHandler = express.json({ limit: '100kb', type: 'application/json' });

/** All declared routes as one router. */
export function mountRoutes(routes: readonly Route[], context: ApiContext): Router {
  const router = Router();
  for (const route of routes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    const method = route.method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete';
    router[method](path, async (request, response) => {
      const actor = await allowedActor(route, request, context);
      if (route.body !== null) await readJsonBody(request, response);
      await answer(route, request, response, { actor, context });
    });
  }
  return router;
}

/** Who asks, when the access table lets them. @throws TidemarkError `unauthorized`, `forbidden` */
async function allowedActor(route: Route, request: Request, context: ApiContext): Promise<Actor> {
  if (route.access === 'open') return nobody;
  const actor = await authenticate(context.pool, request.get('authorization'));
  if (isAllowed(actor, route.access)) return actor;
  throw new TidemarkError(
    'forbidden',
    `the role ${actor.role} may not do this: use a token of a role that may, which is ${route.access === 'own' ? 'admin or owner' : 'admin'}`,
  );
}

/** For routes that need no token, and show nothing that belongs to anybody. */
const nobody: Actor = { name: 'anonymous', role: 'viewer', owner: null, expiresAt: null };

/** After the check of the token: strangers cannot make us read anything. */
async function readJsonBody(request: Request, response: Response): Promise<void> {
  const hasBody = request.get('transfer-encoding') !== undefined || Number(request.get('content-length') ?? 0) > 0;
  if (hasBody && !request.is('application/json')) {
    throw new TidemarkError('unsupported_media_type', 'expected a body of the type application/json');
  }
  await new Promise<void>((resolve, reject) => {
    void readBody(request, response, (error: unknown) => {
      if (error instanceof Error) reject(error);
      else resolve();
    });
  });
}

async function answer(
  route: Route,
  request: Request,
  response: Response,
  { actor, context }: Pick<RouteRequest, 'actor' | 'context'>,
): Promise<void> {
  const input = readInput(route, request);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const visibleTo = actor.role === 'owner' ? actor.owner : null;
  const routeRequest: RouteRequest = { ...input, actor, visibleTo, context, signal: gone.signal };
  const { csv } = route.response;
  response.vary('Accept').vary('Authorization');
  if (input.format === 'csv' && csv !== null) {
    await sendCsv(response, fileName(route), csv, await rowsOf(route, routeRequest));
    return;
  }
  const result = await route.handle(routeRequest);
  if (route.response.kind === 'empty') {
    response.status(route.response.status).end();
    return;
  }
  // Whoever keeps an answer asks whether it is still right, and no proxy keeps it for somebody else.
  response.status(route.response.status).set('cache-control', 'private, no-cache');
  if (result instanceof JsonText) {
    const { version, pieces } = result;
    await sendText(request, response, version, context.checkAnswers === true ? checked(route, pieces) : pieces);
    return;
  }
  const text = JSON.stringify(envelope(route, result, input.page));
  if (context.checkAnswers === true) checkAnswer(route, text);
  response.type('json').send(text);
}

/** The same pieces; what they make up is looked at after the last one. */
async function* checked(route: Route, pieces: AsyncGenerator<string>): AsyncGenerator<string> {
  let text = '';
  for await (const piece of pieces) {
    text += piece;
    yield piece;
  }
  checkAnswer(route, text);
}

function envelope(route: Route, result: unknown, { limit, offset }: PageRequest): unknown {
  if (route.response.kind !== 'page') return { data: result };
  const { rows, total } = result as { rows: unknown; total: number };
  return { data: rows, page: { limit, offset, total } };
}

/**
 * Every row, whatever page was asked for. The first ones are read before anything is sent, so that an error at the start is an
 * error to the client too.
 */
async function rowsOf(route: Route, request: RouteRequest): Promise<AsyncIterable<unknown> | Iterable<unknown>> {
  if (route.response.kind === 'data') return [await route.handle(request)];
  if (route.response.kind === 'table') return (await route.handle(request)) as readonly unknown[];
  const read = async (offset: number) =>
    ((await route.handle({ ...request, page: { limit: exportPage, offset } })) as { rows: readonly unknown[] }).rows;
  const first = await read(0);
  return (async function* () {
    let rows = first;
    for (let offset = exportPage; ; offset += exportPage) {
      yield* rows;
      if (rows.length < exportPage) return;
      rows = await read(offset);
    }
  })();
}

/** `/instances/{id}/databases` is saved as instances-databases.csv. */
function fileName(route: Route): string {
  return route.path
    .split('/')
    .filter((part) => part !== '' && !part.startsWith('{'))
    .join('-');
}

/** @throws Error when the answer is not what the route declares, or holds more than that */
function checkAnswer(route: Route, text: string): void {
  // Schemas leave out a label of this name, as a guard against what it can do to an object.
  const body: unknown = JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value));
  const parsed = route.response.schema?.safeParse(body);
  if (parsed?.success !== true)
    throw new Error(`${route.operation} answers otherwise than declared: ${parsed?.error.message}`);
  if (!isDeepStrictEqual(parsed.data, body)) throw new Error(`${route.operation} answers more than declared: ${text}`);
}
