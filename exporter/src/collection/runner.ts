import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, TidemarkError } from '../errors.ts';
import { closeAbandonedSessions, findLastSession, type Trigger } from '../store/sessions.ts';
import { logProgress } from './progress.ts';
import { runCollection, type CollectionContext } from './run.ts';

/** The runs of one service: one after the other, and none after the stop. */
export class Runner {
  readonly #context: CollectionContext;
  readonly #stopping = new AbortController();
  #current: Promise<void> = Promise.resolve();

  constructor(context: CollectionContext) {
    this.#context = context;
  }

  /** Runs when the run before has ended. Never rejects: what goes wrong is logged. */
  start(trigger: Trigger): Promise<void> {
    this.#current = this.#current.then(() => this.#run(trigger));
    return this.#current;
  }

  /** Measures at once where nothing was ever measured, or the last run was interrupted; waits for a run that may be dead. */
  async startWhenNeeded(): Promise<void> {
    const { pool, deadlines, log } = this.#context;
    const { signal } = this.#stopping;
    try {
      while (!signal.aborted) {
        const abandoned = await closeAbandonedSessions(pool);
        if (abandoned > 0) log.warn('the last run was cut off: closed as interrupted, its measurements are kept');
        const last = await findLastSession(pool);
        if (last === null || last.status === 'interrupted') {
          await this.start('startup');
          return;
        }
        if (last.status !== 'running') return;
        await delay(deadlines.lease / 3, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) log.error(`the first run could not be started: ${messageOf(error)}`);
    }
  }

  /** No further run; instances under way are finished, for as long as the deadline of the shut-down allows. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const patience = new AbortController();
    const tooLong = delay(this.#context.deadlines.shutdown, true, { signal: patience.signal });
    const unfinished = await Promise.race([this.#current.then(() => false), tooLong]);
    patience.abort();
    await tooLong.catch(() => undefined);
    if (unfinished) this.#context.log.warn('stopped before the run had finished: the next start measures again');
  }

  async #run(trigger: Trigger): Promise<void> {
    const { log } = this.#context;
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    try {
      await runCollection(this.#context, { trigger, progress: logProgress(log), signal });
    } catch (error) {
      if (error instanceof TidemarkError && error.code === 'run_in_progress') log.info(error.message);
      else log.error({ err: error }, 'a run failed');
    }
  }
}
