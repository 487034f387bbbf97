import { SingleBar } from 'cli-progress';
import type { Logger } from 'pino';
import type { CollectionRecord, RecordOutcome } from '../store/records.ts';

/** Who is told how a run goes. */
export interface Progress {
  /** Another run is being cancelled: this one begins when that has ended. */
  waiting?(): void;
  /** The run was in progress before. */
  joined?(sessionId: number): void;
  started(sessionId: number, instances: number): void;
  /** Others have joined the run, with further instances. */
  grown?(instances: number): void;
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

/** For where no person looks on: which run it is, when somebody else started it, and in the end what went wrong. */
export function plainProgress(stream: NodeJS.WriteStream): Required<Progress> {
  const problems: string[] = [];
  return {
    waiting: () => stream.write('a run is being cancelled: waiting for its end\n'),
    joined: (sessionId) => stream.write(`run ${sessionId} is in progress: following it\n`),
    started: () => undefined,
    grown: () => undefined,
    finishedInstance: ({ instanceName, errorMessage, failures, warnings }) => {
      if (errorMessage !== null) problems.push(`${instanceName}: ${errorMessage}`);
      for (const { databaseName, message } of [...failures, ...warnings]) {
        problems.push(`${instanceName}${databaseName === null ? '' : ` › ${databaseName}`}: ${message}`);
      }
    },
    finished: () => {
      for (const problem of problems) stream.write(`  ${problem}\n`);
    },
  };
}

/** The same below a bar, on a terminal. */
export function barProgress(stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({ stream, format: '{bar} {value}/{total} instances  {name}', hideCursor: true });
  const plain = plainProgress(stream);
  return {
    ...plain,
    started: (_session, instances) => bar.start(instances, 0, { name: '' }),
    grown: (instances) => bar.setTotal(instances),
    finishedInstance: (record) => {
      bar.increment(1, { name: record.instanceName });
      plain.finishedInstance(record);
    },
    finished: () => {
      bar.update({ name: '' });
      bar.stop();
      plain.finished();
    },
  };
}
