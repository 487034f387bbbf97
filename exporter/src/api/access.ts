import type { Actor } from '../store/audit.ts';

/**
 * Who may do what.
 *
 * - `open`: anybody, without a token
 * - `everyone`: every token; the role `owner` sees what belongs to its own instances, and nothing else exists for it
 * - `own`: admins, and the role `owner` on its own instances
 * - `admin`: admins
 */
export type Access = 'open' | 'everyone' | 'own' | 'admin';

/** Every route of the API, below `/api/v1`. A route that is not here cannot be declared. */
export const accessTable = {
  'GET /openapi.json': 'open',
  'GET /docs': 'open',
  'GET /docs/{file}': 'open',
  'GET /me': 'everyone',
  'GET /engines': 'everyone',
  'GET /facets': 'everyone',
  'GET /jobs': 'everyone',
  'GET /settings': 'everyone',
  'PATCH /settings': 'admin',
  'GET /audit': 'admin',
  'GET /tokens': 'admin',
  'POST /tokens': 'admin',
  'DELETE /tokens/{id}': 'admin',
  'GET /instances': 'everyone',
  'POST /instances': 'admin',
  'POST /instances/test': 'admin',
  'GET /instances/{id}': 'everyone',
  'PATCH /instances/{id}': 'admin',
  'DELETE /instances/{id}': 'admin',
  'GET /instances/{id}/databases': 'everyone',
  'POST /instances/{id}/test': 'own',
  'GET /instances/{id}/storage': 'everyone',
  'GET /instances/{id}/storage/history': 'everyone',
  'GET /instances/{id}/records': 'everyone',
  'GET /instances/{id}/forecasts': 'everyone',
  'GET /instances/{id}/database-sizes': 'everyone',
  'GET /instances/{id}/database-sizes/aggregations': 'everyone',
  'GET /instances/{id}/database-sizes/trends': 'everyone',
  'GET /instances/{id}/database-sizes/changes': 'everyone',
  'GET /collections': 'everyone',
  'POST /collections': 'own',
  'GET /collections/{id}': 'everyone',
  'GET /collections/{id}/records': 'everyone',
  'POST /collections/{id}/cancel': 'own',
  'GET /credentials': 'admin',
  'POST /credentials': 'admin',
  'PATCH /credentials/{id}': 'admin',
  'DELETE /credentials/{id}': 'admin',
  'GET /databases': 'everyone',
  'GET /growth': 'everyone',
  'GET /series': 'everyone',
  'GET /events': 'everyone',
  'GET /forecasts': 'everyone',
  'GET /partitions': 'everyone',
  'GET /repository': 'everyone',
} as const satisfies Record<string, Access>;

/** Method and path of a route: `GET /instances/{id}`. */
export type Operation = keyof typeof accessTable;

const roles = {
  everyone: ['admin', 'viewer', 'owner'],
  own: ['admin', 'owner'],
  admin: ['admin'],
} as const satisfies Record<Exclude<Access, 'open'>, readonly Actor['role'][]>;

/** Whether the role of an actor allows what needs this access; which objects it reaches is a matter of `visibleTo`. */
export function isAllowed(actor: Actor, access: Exclude<Access, 'open'>): boolean {
  return (roles[access] as readonly Actor['role'][]).includes(actor.role);
}
