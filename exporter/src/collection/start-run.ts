import type pg from 'pg';
import { TidemarkError } from '../errors.ts';
import { findInstance, listActiveInstances, type Instance } from '../store/instances.ts';
import { findSession, openSession, type CollectionSession, type Scope, type Trigger } from '../store/sessions.ts';
import type { WorkerContext } from './context.ts';

/** What is to be measured, and who wants it. */
export interface RunRequest {
  readonly trigger: Trigger;
  /** All active instances when left out. */
  readonly scope?: Scope;
  readonly requestedBy?: string | null;
  /** The tick of a scheduled run. */
  readonly dueAt?: Date | null;
  /** Only instances of this owner exist for who asks; null or left out: all. */
  readonly visibleTo?: string | null;
}

/** A run that was started, or one in progress that was joined. */
export interface StartedRun {
  readonly session: CollectionSession;
  readonly joined: boolean;
}

export interface RunContext extends Pick<WorkerContext, 'pool' | 'queue' | 'log'> {
  /** How often an instance with a passing fault is tried again in a scheduled run. */
  readonly retries: number;
}

/**
 * Enqueues the instances of a run: one session, one record an instance. Where a run is in progress, the request joins it, with
 * the instances that it lacks; only a scheduled run waits for its turn.
 * @throws TidemarkError `run_in_progress` where the one in progress cannot be joined; `not_found` for a scope without instances
 */
export async function startRun({ pool, queue, retries, log }: RunContext, request: RunRequest): Promise<StartedRun> {
  const { trigger, scope = {}, requestedBy = null, dueAt = null, visibleTo = null } = request;
  const active = await listActiveInstances(pool);
  const visible = active.filter((instance) => visibleTo === null || instance.owner === visibleTo);
  const instances = visible.filter((instance) => isIn(scope, instance));
  if (instances.length === 0 && Object.keys(scope).length > 0) throw await nothingIn(scope, visible, pool, visibleTo);
  // A person sees the fault at once and can ask again; nobody sits there at night.
  const asked = trigger === 'command' || trigger === 'api';
  const { id, how } = await openSession(pool, queue, {
    ...{ trigger, scope, requestedBy, dueAt, instances },
    retries: asked ? 0 : retries,
  });
  if (how === 'busy') {
    throw new TidemarkError(
      'run_in_progress',
      'a collection is running or being cancelled: try again when it has finished',
    );
  }
  const session = await findSession(pool, id, visibleTo);
  if (session === null) throw new Error(`session ${id} was removed while it was started`);
  log.info(
    { session: id, trigger, scope, requestedBy, instances: instances.length },
    how === 'joined' ? 'collection in progress joined' : 'collection started',
  );
  return { session, joined: how === 'joined' };
}

/** How many instances are named to somebody who has named another one. */
const mostNamed = 10;

async function nothingIn(
  scope: Scope,
  active: readonly Instance[],
  pool: pg.Pool,
  visibleTo: string | null,
): Promise<TidemarkError> {
  const [kind, value] = Object.entries(scope)[0] ?? ['instance', ''];
  const named = kind === 'instance' ? await findInstance(pool, { name: value }, visibleTo) : null;
  if (named?.source === 'demonstration') {
    return new TidemarkError(
      'not_found',
      `"${value}" is made up for the demonstration: there is no server to log in to`,
    );
  }
  if (named !== null) return new TidemarkError('not_found', `"${value}" is inactive: activate it to measure it`);
  const names = active.slice(0, mostNamed).map((instance) => instance.name);
  const more = active.length > mostNamed ? [`${active.length - mostNamed} more`] : [];
  const what = kind === 'instance' ? `no active instance "${value}"` : `no active instance with the ${kind} "${value}"`;
  return new TidemarkError('not_found', `there is ${what}; active ones: ${[...names, ...more].join(', ') || 'none'}`);
}

function isIn(scope: Scope, instance: Instance): boolean {
  if ('instance' in scope) return instance.name === scope.instance;
  if ('owner' in scope) return instance.owner === scope.owner;
  if (!('label' in scope)) return true;
  const [key = '', ...value] = scope.label.split('=');
  return instance.labels[key] === value.join('=');
}
