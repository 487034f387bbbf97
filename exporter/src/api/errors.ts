import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { errorCatalogue, messageOf, TidemarkError } from '../errors.ts';
import { isReadOnly, isRepositoryOutage } from '../store/pool.ts';

/** For every path that no route takes. */
export const unknownRoute: RequestHandler = (request) => {
  throw new TidemarkError('not_found', `there is no ${request.method} ${request.path}`);
};

/** Every error leaves in the one shape: `{"error": {"code", "message", "details"}}`. */
export function errorHandler(log: Logger): ErrorRequestHandler {
  // Express knows handlers of errors by their four parameters.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  return (error: unknown, request, response, _next) => {
    const about = { err: error, requestId: response.get('x-request-id'), path: request.path };
    if (response.headersSent) {
      // What was sent cannot be taken back: a connection that ends too early tells the client that it is not all.
      if (!response.destroyed) log.error(about, 'an answer broke off');
      response.destroy();
      return;
    }
    const known = asTidemarkError(error);
    const { status } = errorCatalogue[known.code];
    if (known.code === 'internal') log.error(about, 'a request failed');
    if (known.code === 'unauthorized' && !response.hasHeader('www-authenticate')) {
      response.set('www-authenticate', 'Bearer realm="Tidemark"');
    }
    const retryAfter = retryAfterSeconds(known);
    if (retryAfter !== null) response.set('retry-after', String(retryAfter));
    response.status(status).json({
      error: { code: known.code, message: known.message, details: known.details ?? null },
    });
  };
}

/** When it is worth to come again; null: it will not be better by itself. */
function retryAfterSeconds({ code, details }: TidemarkError): number | null {
  if (code === 'repository_unavailable') return 10;
  if (code !== 'rate_limited' && code !== 'overloaded') return null;
  return (details as { retry_after_seconds: number }).retry_after_seconds;
}

function asTidemarkError(error: unknown): TidemarkError {
  if (error instanceof TidemarkError) return error;
  if (isRepositoryOutage(error)) {
    const state = isReadOnly(error) ? 'can only be read at present' : 'does not answer';
    return new TidemarkError('repository_unavailable', `the repository ${state}: try again later`, { cause: error });
  }
  const status = (error as { status?: unknown } | null)?.status;
  if (status === 413) {
    return new TidemarkError('payload_too_large', 'the body is larger than 100 kB', { cause: error });
  }
  if (status === 415) return new TidemarkError('unsupported_media_type', messageOf(error), { cause: error });
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new TidemarkError('bad_request', messageOf(error), { cause: error });
  }
  // The text of an unforeseen error may hold anything: it goes to the log, not to the caller.
  return new TidemarkError('internal', 'something went wrong here: the log of the exporter says what', {
    cause: error,
  });
}
