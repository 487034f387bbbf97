import { TidemarkError } from '../errors.ts';
import { findInstance, type Instance } from '../store/instances.ts';
import type { Queryable } from '../store/pool.ts';

/**
 * The instance of an id. One of somebody else is answered as one that is not there.
 * @param visibleTo the owner whose instances there are; null for all
 * @throws TidemarkError `not_found`
 */
export async function requireInstance(client: Queryable, id: number, visibleTo: string | null): Promise<Instance> {
  const instance = await findInstance(client, { id }, visibleTo);
  if (instance === null) throw new TidemarkError('not_found', `there is no instance ${id}`);
  return instance;
}
