import express, { type Request, type RequestHandler, type Response } from 'express';
import { TidemarkError } from '../../errors.ts';
import type { Actor } from '../../store/audit.ts';
import { isAllowed } from '../access.ts';
import { authenticate } from '../authentication.ts';
import type { ApiContext } from '../context.ts';
import type { RateLimit } from '../rate-limit.ts';
import type { Route } from '../route.ts';

/** For routes that need no token, and show nothing that belongs to anybody. */
const nobody: Actor = { name: 'anonymous', role: 'viewer', owner: null, expiresAt: null };

/**
 * Who asks, when the access table lets them.
 * @throws TidemarkError `unauthorized`, `rate_limited`, `forbidden`
 */
export async function admit(
  route: Route,
  request: Request,
  { context, limit }: { readonly context: Pick<ApiContext, 'pool'>; readonly limit: RateLimit },
): Promise<Actor> {
  if (route.access === 'open') return nobody;
  const holder = await authenticate(context.pool, request.get('authorization'));
  if (holder === null) {
    await limit.countRefusal(request.ip);
    throw new TidemarkError(
      'unauthorized',
      'expected the header "Authorization: Bearer …" with a token that is valid: `tidemark tokens create` makes one',
    );
  }
  await limit.countRequest(holder.id);
  if (isAllowed(holder, route.access)) return holder;
  const others = route.access === 'own' ? 'admin or owner' : 'admin';
  throw new TidemarkError('forbidden', `the role ${holder.role} may not do this: use a token of the role ${others}`);
}

const readBody: RequestHandler = express.json({ limit: '100kb', type: 'application/json' });

/**
 * Reads a body into `request.body`. Comes after the check of the token: strangers cannot make us read anything.
 * @throws TidemarkError `unsupported_media_type`; errors of the parser
 */
export async function readJsonBody(request: Request, response: Response): Promise<void> {
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
