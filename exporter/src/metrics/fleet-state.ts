import type pg from 'pg';
import { readForecasts } from '../statistics/forecast.ts';
import { readGrowthWindows } from '../store/growth-windows.ts';
import { listWatchedInstances, type WatchedInstance } from '../store/instances.ts';
import { readJobStates, type JobState } from '../store/job-runs.ts';
import { readLatest } from '../store/measurements.ts';
import { countDefaultRows } from '../store/partitions.ts';
import { dayIn } from '../store/periods.ts';
import { inSnapshot, type Queryable } from '../store/pool.ts';
import { readCollectionStates, readErrorCounts } from '../store/records.ts';
import { readStateChanges, type ChangePosition } from '../store/state-changes.ts';
import { readLatestStorage, type LatestStorageRow } from '../store/storage.ts';
import { growthWindows, instanceCounters, instanceFamilies, rowLabels, type InstanceState } from './families.ts';
import { databaseSamples, sampleLines, type DatabaseSamples } from './samples.ts';
import { labelText } from './text.ts';

/** An instance as it is shown. */
export interface ShownInstance {
  readonly instance: WatchedInstance;
  /** Lines by family, in the order of `instanceFamilies` and `instanceCounters`. */
  readonly gauges: readonly (readonly string[])[];
  readonly counters: readonly (readonly string[])[];
  /** By name. */
  readonly databases: readonly DatabaseSamples[];
}

/**
 * What the repository says of the fleet, kept in memory and brought up to date by instance: a look costs one small statement
 * where nothing has changed, and otherwise what there is of the instances that did.
 */
export class FleetState {
  readonly #pool: pg.Pool;
  readonly #timezone: string;
  readonly #instances = new Map<number, ShownInstance>();
  #shown: readonly ShownInstance[] = [];
  #jobs: readonly JobState[] = [];
  #defaultRows: readonly { table: string; rows: number }[] = [];
  #position: ChangePosition | null = null;
  #day = '';

  constructor(pool: pg.Pool, timezone: string) {
    this.#pool = pool;
    this.#timezone = timezone;
  }

  /** Active instances, by name. */
  get instances(): readonly ShownInstance[] {
    return this.#shown;
  }

  get jobs(): readonly JobState[] {
    return this.#jobs;
  }

  /** By partitioned table. */
  get defaultRows(): readonly { table: string; rows: number }[] {
    return this.#defaultRows;
  }

  /**
   * Afterwards everything is there that was committed before the call.
   * @returns whether anything is different
   * @throws when the repository does not answer; what was known stays
   */
  async look(): Promise<boolean> {
    const day = dayIn(this.#timezone, new Date());
    if (day === this.#day) {
      const { any, position } = await readStateChanges(this.#pool, this.#position);
      if (!any) {
        this.#position = position;
        return false;
      }
    }
    await inSnapshot(this.#pool, (client) => this.#read(client, day));
    return true;
  }

  /** Nothing is taken over before everything is read: a look that fails has changed nothing. */
  async #read(client: Queryable, day: string): Promise<void> {
    const changes = await readStateChanges(client, this.#position);
    // Growth counts back from today.
    const changed = day === this.#day ? changes.instanceIds : null;
    const watched = await listWatchedInstances(client);
    const read = changed?.length === 0 ? [] : await readInstances(client, watched, changed, day);
    const jobs = await readJobStates(client);
    const defaultRows = await countDefaultRows(client);
    for (const shown of read) this.#instances.set(shown.instance.id, shown);
    const ids = new Set(watched.map(({ id }) => id));
    for (const id of this.#instances.keys()) if (!ids.has(id)) this.#instances.delete(id);
    this.#shown = watched.flatMap(({ id }) => this.#instances.get(id) ?? []);
    this.#jobs = jobs;
    this.#defaultRows = defaultRows;
    this.#position = changes.position;
    this.#day = day;
  }
}

/** @param changed null: all of them */
async function readInstances(
  client: Queryable,
  watched: readonly WatchedInstance[],
  changed: readonly number[] | null,
  day: string,
): Promise<ShownInstance[]> {
  const days = growthWindows.map(([length]) => length);
  const collections = new Map((await readCollectionStates(client, changed)).map((row) => [row.instanceId, row]));
  const errors = groupByInstance(await readErrorCounts(client, changed));
  const storage = groupByInstance(await readLatestStorage(client, changed));
  const growth = new Map(
    (await readGrowthWindows(client, day, days, changed)).map((row) => [keyOf(row), row.changeBytes]),
  );
  const fullAt = new Map<string, Date>();
  for (const forecast of await readForecasts(client, { today: day, instanceIds: changed })) {
    if (forecast.fullAt !== null) fullAt.set(keyOf(forecast), forecast.fullAt);
  }
  const latest = groupByInstance(await readLatest(client, changed));
  const ids = new Set(changed);
  const wanted = changed === null ? watched : watched.filter(({ id }) => ids.has(id));
  return wanted.map((instance) => {
    const { id } = instance;
    const state = {
      ...{ instance, collection: collections.get(id) ?? null, errors: errors.get(id) ?? [] },
      storage: (storage.get(id) ?? []).filter((row) => !isDatabaseLog(row)),
    };
    const logs = new Map((storage.get(id) ?? []).filter(isDatabaseLog).map((row) => [row.name, row]));
    const databases = (latest.get(id) ?? []).map((row) => {
      const log = logs.get(databaseLogName(row.databaseName));
      return databaseSamples({
        ...row,
        logUsedBytes: log?.usedBytes ?? null,
        logLimitBytes: log?.limitBytes ?? null,
        growthBytes: growth.get(keyOf(row)) ?? [],
        fullAt: fullAt.get(keyOf(row)) ?? null,
      });
    });
    return { ...linesOf(state), databases };
  });
}

function linesOf(state: InstanceState): Omit<ShownInstance, 'databases'> {
  const { instance } = state;
  const labels = labelText(rowLabels.instance, [instance.name, instance.engine]);
  return {
    instance,
    gauges: instanceFamilies.map((family) => sampleLines(family, labels, state)),
    counters: instanceCounters.map((family) => sampleLines(family, labels, state)),
  };
}

function databaseLogName(databaseName: string): string {
  return `${databaseName}/log`;
}

/** The log of one database, as opposed to one of the whole instance. */
function isDatabaseLog({ scope, name }: LatestStorageRow): boolean {
  return scope === 'log' && name.endsWith('/log');
}

function keyOf({ instanceId, databaseName }: { instanceId: number; databaseName: string }): string {
  return `${instanceId} ${databaseName}`;
}

function groupByInstance<Row extends { readonly instanceId: number }>(rows: readonly Row[]): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.instanceId);
    if (group === undefined) groups.set(row.instanceId, [row]);
    else group.push(row);
  }
  return groups;
}
