import { SingleBar } from 'cli-progress';
import type { Logger } from 'pino';
import type { Instance } from '../store/instances.ts';
import type { RecordOutcome } from '../store/sessions.ts';

/** Who is told how a run goes. */
export interface Progress {
  started(sessionId: number, instances: number): void;
  finishedInstance(instance: Instance, outcome: RecordOutcome, milliseconds: number): void;
  finished(): void;
}

/** One log line an instance; problems are warnings with their remedy. */
export function logProgress(log: Logger): Progress {
  return {
    started: (session, instances) => log.info({ session, instances }, 'collection started'),
    finishedInstance: (instance, outcome, milliseconds) => {
      const { status, databasesMeasured, failures, warnings, error } = outcome;
      const fields = { instance: instance.name, status, databases: databasesMeasured, milliseconds };
      if (error === null) log.info(fields, 'instance collected');
      else log.warn({ ...fields, code: error.code }, error.message);
      for (const finding of [...failures, ...warnings]) {
        log.warn({ instance: instance.name, database: finding.databaseName, code: finding.code }, finding.message);
      }
    },
    finished: () => undefined,
  };
}

/** A bar on a terminal; what went wrong is said above it. */
export function barProgress(stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({ stream, format: '{bar} {value}/{total} instances  {name}', hideCursor: true });
  const problems: string[] = [];
  return {
    started: (_session, instances) => bar.start(instances, 0, { name: '' }),
    finishedInstance: (instance, outcome) => {
      bar.increment(1, { name: instance.name });
      const findings = [...outcome.failures, ...outcome.warnings];
      if (outcome.error !== null) problems.push(`${instance.name}: ${outcome.error.message}`);
      for (const { databaseName, message } of findings) {
        problems.push(`${instance.name}${databaseName === null ? '' : ` › ${databaseName}`}: ${message}`);
      }
    },
    finished: () => {
      bar.update({ name: '' });
      bar.stop();
      for (const problem of problems) stream.write(`  ${problem}\n`);
    },
  };
}
