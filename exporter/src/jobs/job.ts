/** How a run of a job ended. */
export type JobOutcome =
  /** It is done. */
  | { readonly outcome: 'finished'; readonly message?: string }
  /** What it started goes on by itself and ends the run. */
  | { readonly outcome: 'continues' }
  /** It is not its turn: try again in a moment. */
  | { readonly outcome: 'later'; readonly reason: string };

/** Something that is done on a schedule: once for each due time, whatever the number of exporters. */
export interface Job {
  readonly name: string;
  /** A cron expression of five or six fields. */
  readonly schedule: string;
  /** Since when it is due at these times: earlier ones are not made up. Null or left out: since ever. */
  readonly since?: Date | null;
  /**
   * Can be called again for the same tick, after a crash: what is done already must do no harm. Ends soon after the signal.
   * An error is the message of the run; an outage of the repository is not, the run begins again when it is back.
   */
  run(tick: { readonly dueAt: Date; readonly late: boolean; readonly signal: AbortSignal }): Promise<JobOutcome>;
}
