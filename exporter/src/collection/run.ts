import { TidemarkError } from '../errors.ts';
import { isAnyoneMeasuring } from '../store/exporters.ts';
import { listActiveInstances, type Instance } from '../store/instances.ts';
import { findSession, openSession, type CollectionSession, type Scope, type Trigger } from '../store/sessions.ts';
import type { WorkerContext } from './context.ts';
import { follow } from './follow.ts';
import type { Progress } from './progress.ts';
import { Worker } from './worker.ts';

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
  const instances = instancesIn(scope, visible);
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

function instancesIn(scope: Scope, active: readonly Instance[]): readonly Instance[] {
  if (Object.keys(scope).length === 0) return active;
  const chosen = active.filter((instance) => isIn(scope, instance));
  if (chosen.length > 0) return chosen;
  const [kind, value] = Object.entries(scope)[0] ?? ['name', ''];
  const known = active.map((instance) => instance.name).join(', ') || 'none';
  const what = kind === 'instance' ? `no active instance "${value}"` : `no active instance with the ${kind} "${value}"`;
  throw new TidemarkError('not_found', `there is ${what}; active ones: ${known}`);
}

function isIn(scope: Scope, instance: Instance): boolean {
  if ('instance' in scope) return instance.name === scope.instance;
  if ('owner' in scope) return instance.owner === scope.owner;
  if (!('label' in scope)) return true;
  const [key = '', ...value] = scope.label.split('=');
  return instance.labels[key] === value.join('=');
}

/** A run that is waited for. */
export interface RunOptions extends RunRequest {
  readonly progress: Progress;
  /** Ends the waiting, and the measuring of this process; what is left stays in the queue. */
  readonly signal?: AbortSignal;
}

/**
 * Starts or joins a run and follows it to its end. Where no exporter measures, this process does.
 * @throws TidemarkError what `startRun` throws
 */
export async function runCollection(
  context: WorkerContext & RunContext,
  options: RunOptions,
): Promise<CollectionSession> {
  const alone = !(await isAnyoneMeasuring(context.pool, context.deadlines.lease));
  const { session } = await startRun(context, options);
  const worker = alone ? new Worker(context) : null;
  try {
    await worker?.start();
    return await follow(context.pool, session.id, options.progress, options.signal);
  } finally {
    await worker?.stop();
  }
}
