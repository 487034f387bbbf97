import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { errorCatalogue, messageOf, TidemarkError } from '../errors.ts';
import { isRepositoryOutage } from '../store/pool.ts';

/** Checks parameters. @throws TidemarkError `bad_request` with every field that is wrong */
export function parseParameters<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map((issue) => ({
    field: issue.path.join('.') || ('keys' in issue ? issue.keys.join(', ') : ''),
    problem: issue.message,
  }));
  const summary = details.map(({ field, problem }) => `${field}: ${problem}`).join('; ');
  throw new TidemarkError('bad_request', summary, { details });
}

/** For every path that no route takes. */
export const unknownRoute: RequestHandler = (request) => {
  throw new TidemarkError('not_found', `there is no ${request.method} ${request.path}`);
};

/** Every error leaves in the one shape: `{"error": {"code", "message", "details"}}`. */
export function errorHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const known = asTidemarkError(error);
    const { status } = errorCatalogue[known.code];
    if (known.code === 'internal') log.error({ err: error, path: request.path }, 'a request failed');
    response.status(status).json({
      error: { code: known.code, message: known.message, details: known.details ?? null },
    });
  };
}

function asTidemarkError(error: unknown): TidemarkError {
  if (error instanceof TidemarkError) return error;
  if (isRepositoryOutage(error)) {
    return new TidemarkError('repository_unavailable', 'the repository does not answer: try again later', {
      cause: error,
    });
  }
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new TidemarkError('bad_request', messageOf(error), { cause: error });
  }
  // The text of an unforeseen error may hold anything: it goes to the log, not to the caller.
  return new TidemarkError('internal', 'something went wrong here: the log of the exporter says what', {
    cause: error,
  });
}
