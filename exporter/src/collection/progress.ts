import { SingleBar } from 'cli-progress';
import type { Logger } from 'pino';
import type { CollectionRecord, RecordOutcome } from '../store/records.ts';

/** Who is told how a run goes. */
export interface Progress {
  /** The run was in progress before. */
  joined?(sessionId: number): void;
  started(sessionId: number, instances: number): void;
  finishedInstance(record: CollectionRecord): void;
  finished(): void;
}

/** One log line an instance; problems are warnings with their remedy. The log names session and instance. */
export function logOutcome(
  log: Logger,
  outcome: Omit<RecordOutcome, 'status'> & { status: string },
  more: object,
): void {
  const { status, databasesMeasured, failures, warnings, error } = outcome;
  const fields = { status, databases: databasesMeasured, ...more };
  if (error === null) log.info(fields, 'instance collected');
  else log.warn({ ...fields, code: error.code }, error.message);
  for (const finding of [...failures, ...warnings]) {
    log.warn({ database: finding.databaseName, code: finding.code }, finding.message);
  }
}

/** Nothing but the result: the log of the one that measures says the rest. */
export const silentProgress: Progress = {
  started: () => undefined,
  finishedInstance: () => undefined,
  finished: () => undefined,
};

/** For where no person looks on: which run it is, when somebody else started it. */
export function plainProgress(stream: NodeJS.WriteStream): Progress {
  return { ...silentProgress, joined: (sessionId) => sayJoined(stream, sessionId) };
}

function sayJoined(stream: NodeJS.WriteStream, sessionId: number): void {
  stream.write(`run ${sessionId} is in progress: following it\n`);
}

/** A bar on a terminal; what went wrong is said below it. */
export function barProgress(stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({ stream, format: '{bar} {value}/{total} instances  {name}', hideCursor: true });
  const problems: string[] = [];
  return {
    joined: (sessionId) => sayJoined(stream, sessionId),
    started: (_session, instances) => bar.start(instances, 0, { name: '' }),
    finishedInstance: ({ instanceName, errorMessage, failures, warnings }) => {
      bar.increment(1, { name: instanceName });
      if (errorMessage !== null) problems.push(`${instanceName}: ${errorMessage}`);
      for (const { databaseName, message } of [...failures, ...warnings]) {
        problems.push(`${instanceName}${databaseName === null ? '' : ` › ${databaseName}`}: ${message}`);
      }
    },
    finished: () => {
      bar.update({ name: '' });
      bar.stop();
      for (const problem of problems) stream.write(`  ${problem}\n`);
    },
  };
}
