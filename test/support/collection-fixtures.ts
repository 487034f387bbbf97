import type pg from 'pg';
import { pino, type Logger } from 'pino';
import type { Progress } from '../../exporter/src/collection/progress.ts';
import type { CollectionContext } from '../../exporter/src/collection/run.ts';
import { loadConfig } from '../../exporter/src/config/config.ts';
import { provisionFleet } from '../../exporter/src/fleet/fleet.ts';
import type { RecordOutcome } from '../../exporter/src/store/sessions.ts';
import { createTemporaryFolder } from './temporary-folder.ts';
import { testDeadlines } from './test-database.ts';

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
  changes: Partial<CollectionContext> = {},
): Promise<CollectionContext> {
  const folder = createTemporaryFolder();
  try {
    const path = folder.write('tidemark.yaml', configurationOf(instances));
    const fleet = await provisionFleet(pool, loadConfig({ TIDEMARK_CONFIG: path }), null, {});
    return { pool, fleet, deadlines: testDeadlines, timezone: 'UTC', concurrency: 4, log: silent, ...changes };
  } finally {
    folder.remove();
  }
}

export const silent: Logger = pino({ level: 'silent' });

/** A logger, and the lines that it wrote. */
export function collectingLogger(): { log: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { log: pino({ base: null }, { write }), lines };
}

/** A progress that keeps what it is told. */
export interface RecordedProgress extends Progress {
  readonly events: readonly string[];
  readonly outcomes: ReadonlyMap<string, RecordOutcome>;
}

/** @param onInstance what else is done when an instance is finished */
export function recordProgress(onInstance: (name: string) => void = () => undefined): RecordedProgress {
  const events: string[] = [];
  const outcomes = new Map<string, RecordOutcome>();
  return {
    events,
    outcomes,
    started: (_session, instances) => events.push(`started ${instances}`),
    finishedInstance: (instance, outcome) => {
      events.push(`${instance.name} ${outcome.status}`);
      outcomes.set(instance.name, outcome);
      onInstance(instance.name);
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
