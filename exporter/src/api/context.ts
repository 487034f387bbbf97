import type pg from 'pg';
import type { Logger } from 'pino';
import type { ConnectionTest } from '../collection/connection-test.ts';
import type { RunRequest, StartedRun } from '../collection/run.ts';
import type { Instance } from '../store/instances.ts';

/** Logs in to an instance and says what can be measured. */
export type TestConnection = (instance: Instance) => Promise<ConnectionTest>;

/** Starts a run, or joins the one in progress. */
export type StartCollection = (request: Omit<RunRequest, 'trigger' | 'dueAt'>) => Promise<StartedRun>;

/** The parts of the exporter that routes work with. */
export interface ApiContext {
  readonly pool: pg.Pool;
  readonly timezone: string;
  readonly testConnection: TestConnection;
  readonly startCollection: StartCollection;
  readonly log: Logger;
  /** Whether answers are compared with what is declared; tests do, at some cost. */
  readonly checkAnswers?: boolean;
}
