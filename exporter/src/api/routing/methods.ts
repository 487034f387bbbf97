import type { RequestHandler } from 'express';
import { TidemarkError } from '../../errors.ts';

interface Operation {
  readonly method: string;
  /** With `{name}` for what varies. */
  readonly path: string;
}

/** For paths that are there, with a method that is not: says which ones are. Comes after the routes themselves. */
export function refuseOtherMethods(operations: readonly Operation[]): RequestHandler {
  const known = operations.map(({ method, path }) => ({ method, pattern: patternOf(path) }));
  return (request, response, next) => {
    const methods = new Set(known.filter(({ pattern }) => pattern.test(request.path)).map(({ method }) => method));
    // Express answers OPTIONS itself.
    if (methods.size === 0 || request.method === 'OPTIONS') {
      next();
      return;
    }
    // And HEAD, wherever there is GET.
    if (methods.has('GET')) methods.add('HEAD');
    const allowed = [...methods].sort().join(', ');
    response.set('allow', allowed);
    throw new TidemarkError(
      'method_not_allowed',
      `there is no ${request.method} ${request.baseUrl}${request.path}: expected ${allowed}`,
    );
  };
}

/** As Express compares: in any case, with a slash at the end or without. */
function patternOf(path: string): RegExp {
  const text = path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${text.replace(/\/$/, '')}/?$`, 'i');
}
