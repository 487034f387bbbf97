import { isDeepStrictEqual } from 'node:util';
import { Router, type Request, type Response } from 'express';
import type { ApiContext } from '../context.ts';
import { RateLimit } from '../rate-limit.ts';
import type { Route, RouteRequest } from '../route.ts';
import { admit, readJsonBody } from './admission.ts';
import { sendCsv } from './csv.ts';
import { ExportSlots, rowsOf } from './exports.ts';
import { readInput } from './input.ts';
import { refuseOtherMethods } from './methods.ts';
import { JsonText, type PageRequest } from './response.ts';
import { sendText } from './send-text.ts';

/** All declared routes as one router. */
export function mountRoutes(routes: readonly Route[], context: ApiContext): Router {
  const router = Router();
  const { requestsPerMinute, exports } = context.http;
  const shared = { context, limit: new RateLimit(context.pool, requestsPerMinute), slots: new ExportSlots(exports) };
  for (const route of routes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    const method = route.method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete';
    router[method](path, async (request, response) => {
      const actor = await admit(route, request, shared);
      if (route.body !== null) await readJsonBody(request, response);
      await answer(route, request, response, { ...shared, actor });
    });
  }
  router.use(refuseOtherMethods(routes));
  return router;
}

async function answer(
  route: Route,
  request: Request,
  response: Response,
  { actor, context, slots }: Pick<RouteRequest, 'actor' | 'context'> & { readonly slots: ExportSlots },
): Promise<void> {
  const input = readInput(route, request);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const visibleTo = actor.role === 'owner' ? actor.owner : null;
  const routeRequest: RouteRequest = { ...input, actor, visibleTo, context, signal: gone.signal };
  const { csv } = route.response;
  response.vary('Accept').vary('Authorization');
  if (input.format === 'csv' && csv !== null) {
    await slots.use(async () => sendCsv(response, fileName(route), csv, await rowsOf(route, routeRequest)));
    return;
  }
  const result = await route.handle(routeRequest);
  if (route.response.kind === 'empty') {
    response.status(route.response.status).end();
    return;
  }
  const form = route.response.document;
  if (form !== null) {
    response
      .set({ 'cache-control': 'no-cache', ...form.headers })
      .type(form.contentType(input.params))
      .send(result);
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
