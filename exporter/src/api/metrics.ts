import type { RequestHandler } from 'express';
import type { Metrics } from '../metrics/metrics.ts';
import { formatFor } from '../metrics/negotiation.ts';

/** Milliseconds that a scrape waits for the repository, where the scraper does not say how long it waits itself. */
const usualPatience = 5_000;

/** `/metrics`: from memory, in the format and the encoding that the scraper asks for. */
export function answerScrapes(metrics: Metrics): RequestHandler {
  return async (request, response) => {
    const { contentType, etag, text, gzip } = await metrics.scrape(
      formatFor(request.headers.accept),
      patienceOf(request.headers['x-prometheus-scrape-timeout-seconds']),
    );
    // It is compressed already, or not to be: nobody on the way shall do so for each scrape.
    response.set({ 'cache-control': 'no-cache, no-transform', vary: 'Accept, Accept-Encoding', etag });
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    const compressed = request.acceptsEncodings('gzip', 'identity') === 'gzip';
    const parts = compressed ? gzip() : text();
    if (compressed) response.set('content-encoding', 'gzip');
    response.set({ 'content-type': contentType, 'content-length': String(lengthOf(parts)) });
    if (request.method !== 'HEAD') for (const part of parts) response.write(part);
    response.end();
  };
}

/** Half of the time that the scraper waits: then there is still time to say that the repository does not answer. */
function patienceOf(timeoutSeconds: string | string[] | undefined): number {
  const seconds = Number(timeoutSeconds);
  return seconds > 0 && seconds < 3600 ? seconds * 500 : usualPatience;
}

function lengthOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** Answers that nobody waited for any more, as nginx calls them. */
const clientGone = 499;

/** Measures how long answers take, by the pattern of their route. */
export function observeRequests(metrics: Pick<Metrics, 'observe'>): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const route = request.route as { path: string } | undefined;
      metrics.observe({
        method: request.method,
        route: route === undefined ? 'none' : `${request.baseUrl}${route.path}`,
        status: response.writableFinished ? response.statusCode : clientGone,
        seconds: (performance.now() - startedAt) / 1000,
      });
    });
    next();
  };
}
