import type pg from 'pg';
import type { Logger } from 'pino';
import type { Deadlines } from '../config/deadlines.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Queue } from '../store/queue.ts';
import type { RepositoryWatch } from '../store/watch.ts';

/** What measuring needs of the rest. */
export interface WorkerContext {
  readonly pool: pg.Pool;
  readonly queue: Queue;
  readonly watch: RepositoryWatch;
  readonly fleet: Fleet;
  readonly deadlines: Deadlines;
  readonly timezone: string;
  /** Instances measured at the same time. */
  readonly concurrency: number;
  /** Connections to one host, from all exporters together. */
  readonly connectionsPerHost: number;
  readonly loadPercent: number;
  readonly role: string;
  readonly log: Logger;
}
