import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { messageOf, TidemarkError } from '../errors.ts';
import { isAnyoneMeasuring } from '../store/exporters.ts';
import { findInstance, listActiveInstances, type Instance } from '../store/instances.ts';
import { isRepositoryOutage } from '../store/pool.ts';
import {
  cancelSession,
  findSession,
  finishEmptySessions,
  openSession,
  type CollectionSession,
  type Scope,
  type Trigger,
} from '../store/sessions.ts';
import type { WorkerContext } from './context.ts';
import { follow } from './follow.ts';
import { silentProgress, type Progress } from './progress.ts';
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

/** A run that is waited for. */
export interface RunOptions extends RunRequest {
  readonly progress: Progress;
  /** Who waits has had enough. */
  readonly signal?: AbortSignal;
}

/** Milliseconds for what runs to end after the run was cancelled: exporters learn of it at their next sign of life. */
const cancelPatience = 10_000;

/** Between two looks whether a run that is being cancelled has ended. */
const cancelPause = 500;

/** Between two looks whether somebody measures. */
const standInPause = 2_000;

/**
 * Starts or joins a run and follows it to its end. Where no exporter measures, or the last one that did has died, this process
 * does. When the signal comes, a run that was started here is cancelled; one that was joined is left to the others.
 * @returns the session, which is still running only where it was left
 * @throws TidemarkError what `startRun` throws; `repository_unavailable` when the signal comes while the repository is away
 */
export async function runCollection(
  context: WorkerContext & RunContext,
  options: RunOptions,
): Promise<CollectionSession> {
  const { pool, watch } = context;
  const { progress, signal = new AbortController().signal } = options;
  const standIn = new StandIn(context);
  let patience = context.deadlines.shutdown;
  try {
    await standIn.lookAround();
    const { session, joined } = await startPatiently(context, options, standIn);
    if (joined) progress.joined?.(session.id);
    const meanwhile = (): Promise<void> => standIn.lookAround();
    const followed = await follow(pool, session.id, { progress, signal, meanwhile });
    if (followed !== null && followed.status !== 'running') return followed;
    patience = 0;
    if (watch.reason !== null) throw leftBehind(watch.reason);
    if (!joined) {
      await cancelSession(pool, session.id);
      standIn.cancel(session.id);
      await follow(pool, session.id, { progress: silentProgress, signal: AbortSignal.timeout(cancelPatience) });
      await standIn.leave(patience);
      await finishEmptySessions(pool);
    }
    return (await findSession(pool, session.id)) ?? session;
  } catch (error) {
    throw isRepositoryOutage(error) ? leftBehind(messageOf(error)) : error;
  } finally {
    if (patience === 0) await watch.stop();
    await standIn.leave(patience);
  }
}

function leftBehind(reason: string): TidemarkError {
  const message = `the repository does not answer (${reason}): what is not stored yet is measured by whoever comes next`;
  return new TidemarkError('repository_unavailable', message);
}

/**
 * A run that was cancelled by somebody who then was killed ends when its leases have run out, where somebody measures: so that
 * one may be this process, it has to be at work before.
 */
async function startPatiently(
  context: WorkerContext & RunContext,
  { progress, signal, ...request }: RunOptions,
  standIn: StandIn,
): Promise<StartedRun> {
  const until = Date.now() + 3 * context.deadlines.lease;
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await startRun(context, request);
    } catch (error) {
      const inProgress = error instanceof TidemarkError && error.code === 'run_in_progress';
      if (!inProgress || signal?.aborted === true || Date.now() > until) throw error;
      if (isFirst) progress.waiting?.();
    }
    await delay(cancelPause);
    await standIn.lookAround();
  }
}

/** Measures in this process, once nobody else does. */
class StandIn {
  readonly #context: WorkerContext;
  #worker: Worker | null = null;
  #lookedAt = -Infinity;

  constructor(context: WorkerContext) {
    this.#context = context;
  }

  /** Begins to measure where nobody has given a sign of life for as long as a lease. */
  async lookAround(): Promise<void> {
    const { pool, deadlines } = this.#context;
    if (this.#worker !== null || Date.now() - this.#lookedAt < standInPause) return;
    this.#lookedAt = Date.now();
    if (await isAnyoneMeasuring(pool, deadlines.lease)) return;
    this.#worker = new Worker(this.#context);
    await this.#worker.start();
  }

  cancel(sessionId: number): void {
    this.#worker?.cancel(sessionId);
  }

  /** @param patience milliseconds for what is being measured; the rest is given back */
  async leave(patience: number): Promise<void> {
    await this.#worker?.stop(patience);
    this.#worker = null;
  }
}
