import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';

/**
 * Gives each request a name: the one that it brings along, as from a proxy, or a new one. It is in the answer, in the
 * request's own line of log, and with what went wrong in it.
 */
export function nameRequests(log: Logger): RequestHandler {
  return (request, response, next) => {
    const brought = request.get('x-request-id') ?? '';
    const requestId = /^[\w.:/+=-]{1,100}$/.test(brought) ? brought : randomUUID();
    response.set('x-request-id', requestId);
    // Measuring, compressing, streaming and logging each listen for its end.
    response.setMaxListeners(30);
    const startedAt = performance.now();
    response.once('close', () => {
      const milliseconds = Math.round(performance.now() - startedAt);
      // The query may hold names of databases, and is of no use to whoever looks for slow routes.
      const { method, path } = request;
      log.debug({ requestId, method, path, status: response.statusCode, milliseconds }, 'request');
    });
    next();
  };
}
