/** How long each step may take, in milliseconds. Every deadline of the exporter is here; tests pass shorter ones. */
export interface Deadlines {
  /** TCP, TLS and login to a watched server. */
  readonly connect: number;
  /** One statement on a watched server. Sizing thousands of files on network disks takes minutes. */
  readonly query: number;
  /** Measuring within a connection test. */
  readonly connectionTest: number;
  /** Saying goodbye to a watched server; after it the socket is destroyed. */
  readonly close: number;
  /** Connecting to the repository. */
  readonly repositoryConnect: number;
  /** One statement on the repository. */
  readonly repositoryStatement: number;
  /** How long work is an exporter's own without a sign of life; afterwards another one takes it over. */
  readonly lease: number;
  /** Between two looks into an empty queue of scheduled runs. */
  readonly jobPoll: number;
  /** Between two looks into an empty queue of instances: what other exporters enqueue starts that much later. */
  readonly instancePoll: number;
  /** From SIGTERM on for what runs to end by itself; the rest is given back. */
  readonly shutdown: number;
  /** From SIGTERM to the end of the process, whatever happens. */
  readonly exit: number;
  /** Starting or stopping the embedded PostgreSQL, crash recovery included. */
  readonly embedded: number;
}

export const defaultDeadlines: Deadlines = Object.freeze({
  connect: 10_000,
  query: 300_000,
  connectionTest: 15_000,
  close: 2_000,
  repositoryConnect: 10_000,
  repositoryStatement: 60_000,
  lease: 15_000,
  jobPoll: 500,
  instancePoll: 100,
  shutdown: 18_000,
  exit: 24_000,
  embedded: 120_000,
});
