import type pg from 'pg';
import { pino, type Logger } from 'pino';
import type { Progress } from '../../exporter/src/collection/progress.ts';
import type { WorkerContext } from '../../exporter/src/collection/context.ts';
import type { RunContext } from '../../exporter/src/collection/start-run.ts';
import { loadConfig } from '../../exporter/src/config/config.ts';
import { provisionFleet } from '../../exporter/src/fleet/fleet.ts';
import type { CollectionRecord } from '../../exporter/src/store/records.ts';
import { runContext } from './session-fixtures.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

/** An instance as tidemark.yaml has it. */
export type InstanceEntry = Readonly<Record<string, unknown> & { name: string }>;

/** JSON is YAML too. */
export function configurationOf(instances: readonly InstanceEntry[]): string {
  return JSON.stringify({ instances });
}

/** Everything that a run needs, with these instances in the repository. */
export async function collectionContext(
  pool: pg.Pool,
  instances: readonly InstanceEntry[],
  changes: Partial<WorkerContext> = {},
): Promise<WorkerContext & RunContext> {
  const folder = createTemporaryFolder();
  try {
    const path = folder.write('tidemark.yaml', configurationOf(instances));
    const fleet = await provisionFleet(pool, loadConfig({ TIDEMARK_CONFIG: path }), null, {});
    return runContext(pool, fleet, { concurrency: 4, ...changes });
  } finally {
    folder.remove();
  }
}

/** A logger, and the lines that it wrote. */
export function collectingLogger(): { log: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { log: pino({ base: null }, { write }), lines };
}

/** A progress that keeps what it is told. */
export interface RecordedProgress extends Progress {
  readonly events: readonly string[];
  readonly outcomes: ReadonlyMap<string, CollectionRecord>;
}

/** @param onInstance what else is done when an instance is finished */
export function recordProgress(onInstance: (name: string) => void = () => undefined): RecordedProgress {
  const events: string[] = [];
  const outcomes = new Map<string, CollectionRecord>();
  return {
    events,
    outcomes,
    started: (_session, instances) => events.push(`started ${instances}`),
    finishedInstance: (record) => {
      events.push(`${record.instanceName} ${record.status}`);
      outcomes.set(record.instanceName, record);
      onInstance(record.instanceName);
    },
    finished: () => events.push('finished'),
  };
}

/** A gate that the test opens. */
export function createGate(): { opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
