import { TidemarkError } from '../errors.ts';
import { startRun, type RunContext } from './start-run.ts';

/** What the schedule knows of a scheduled run. */
interface Tick {
  readonly dueAt: Date;
  readonly late: boolean;
}

type Outcome = { readonly outcome: 'continues' } | { readonly outcome: 'later'; readonly reason: string };

/** The scheduled collection: starts the run of a tick, which goes on in the queue. Waits while another run is in progress. */
export function collectJob(context: RunContext, wake: () => void): (tick: Tick) => Promise<Outcome> {
  return async ({ dueAt, late }) => {
    try {
      await startRun(context, { trigger: late ? 'startup' : 'schedule', dueAt });
      wake();
      return { outcome: 'continues' };
    } catch (error) {
      if (!(error instanceof TidemarkError) || error.code !== 'run_in_progress') throw error;
      return { outcome: 'later', reason: 'another run was in progress until the next one was due' };
    }
  };
}
