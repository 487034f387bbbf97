import type pg from 'pg';
import { TidemarkError } from '../errors.ts';
import { importMeasurements, listMeasuredDays, type ImportedMeasurement } from '../store/import.ts';
import type { Instance } from '../store/instances.ts';
import type { InstanceResolver } from './instances.ts';
import type { PastMeasurement } from './rows.ts';

/** How what was read becomes history. */
export interface ImportOptions {
  readonly resolve: InstanceResolver;
  /** Whether a database of the instance is measured by its collections. */
  readonly wanted: (instance: Instance) => (databaseName: string) => boolean;
  /** Leaves out what belongs to no instance; otherwise that is an error. */
  readonly skipUnknown: boolean;
  /** Overwrites days that are stored already; otherwise they stay as they are. */
  readonly replace: boolean;
  /** Writes nothing. */
  readonly dryRun: boolean;
  /** The current day, YYYY-MM-DD. */
  readonly today: string;
}

/** What was imported, or would be. */
export interface ImportReport {
  readonly written: number;
  /** Stored already, and kept. */
  readonly kept: number;
  readonly instances: number;
  readonly databases: number;
  /** YYYY-MM-DD; null where nothing is written. */
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  readonly notes: readonly string[];
}

/**
 * Writes measurements of the past. Everything is looked at before anything is written, and it can be repeated.
 * @throws TidemarkError `usage` where a row belongs to no instance, or to a day that is still to come
 */
export async function importHistory(
  pool: pg.Pool,
  rows: readonly PastMeasurement[],
  options: ImportOptions,
): Promise<ImportReport> {
  refuseFuture(rows, options.today);
  const { known, unknown } = resolveAll(rows, options);
  if (unknown.size > 0 && !options.skipUnknown) throw unknownInstances(unknown);
  const notes = [...unknown].map(([name, count]) => `${name}: no such instance, ${count} measurements left out`);
  const { measured, unwanted } = withoutUnwanted(known, options);
  if (unwanted.size > 0) notes.push(`left out by include and exclude: ${[...unwanted].sort().join(', ')}`);
  const fresh = options.replace ? measured : await withoutStored(pool, measured);
  if (!options.dryRun && fresh.length > 0) await importMeasurements(pool, fresh);
  const days = fresh.map((row) => row.collectedDate).sort();
  return {
    written: fresh.length,
    kept: measured.length - fresh.length,
    instances: new Set(fresh.map((row) => row.instanceId)).size,
    databases: new Set(fresh.map((row) => `${row.instanceId}/${row.databaseName}`)).size,
    firstDay: days[0] ?? null,
    lastDay: days.at(-1) ?? null,
    notes,
  };
}

function refuseFuture(rows: readonly PastMeasurement[], today: string): void {
  const future = rows.find((row) => row.collectedDate > today);
  if (future === undefined) return;
  throw new TidemarkError('usage', `${future.place}: ${future.collectedDate} is still to come (today is ${today})`);
}

interface ResolvedRow {
  readonly row: PastMeasurement;
  readonly instance: Instance;
}

function resolveAll(
  rows: readonly PastMeasurement[],
  { resolve }: ImportOptions,
): { known: ResolvedRow[]; unknown: Map<string, number> } {
  const instances = new Map<string, Instance | null>();
  const unknown = new Map<string, number>();
  const known: ResolvedRow[] = [];
  const origins = new Map<string, PastMeasurement>();
  for (const row of rows) {
    const name = JSON.stringify([row.instanceName, row.engine]);
    if (!instances.has(name)) instances.set(name, resolve(row.instanceName, row.engine));
    const instance = instances.get(name) ?? null;
    if (instance === null) {
      unknown.set(row.instanceName, (unknown.get(row.instanceName) ?? 0) + 1);
      continue;
    }
    const key = JSON.stringify([instance.id, row.databaseName, row.collectedDate]);
    const other = origins.get(key);
    if (other !== undefined) throw meetingRows(other, row, instance);
    origins.set(key, row);
    known.push({ row, instance });
  }
  return { known, unknown };
}

/** Two names of the source stand for one instance, and both have the database on that day. */
function meetingRows(one: PastMeasurement, other: PastMeasurement, instance: Instance): TidemarkError {
  const what = `${one.place} and ${other.place} are both ${instance.name} › ${one.databaseName} on ${one.collectedDate}`;
  return new TidemarkError('usage', `${what}: give one of them another name with --map`);
}

function unknownInstances(unknown: ReadonlyMap<string, number>): TidemarkError {
  const names = [...unknown.keys()];
  const shown = names.slice(0, 20).map((name) => JSON.stringify(name));
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  return new TidemarkError(
    'usage',
    `there is no instance for ${shown.join(', ')}${more}: add it with "tidemark instances add" or tidemark.yaml, name the one ` +
      `that is meant (--map ${JSON.stringify(`${names[0] ?? ''}=NAME`)}), or leave them out with --skip-unknown`,
  );
}

function withoutUnwanted(
  known: readonly ResolvedRow[],
  { wanted }: ImportOptions,
): { measured: ImportedMeasurement[]; unwanted: ReadonlySet<string> } {
  const matchers = new Map<number, (databaseName: string) => boolean>();
  const unwanted = new Set<string>();
  const measured = known.flatMap(({ row, instance }): ImportedMeasurement[] => {
    const matches = matchers.get(instance.id) ?? wanted(instance);
    matchers.set(instance.id, matches);
    if (matches(row.databaseName)) return [{ ...row, instanceId: instance.id }];
    unwanted.add(`${instance.name} › ${row.databaseName}`);
    return [];
  });
  // Rows of one instance and day are written together.
  const order = (row: ImportedMeasurement): string => `${String(row.instanceId).padStart(10)} ${row.collectedDate}`;
  return { measured: measured.sort((one, other) => (order(one) < order(other) ? -1 : 1)), unwanted };
}

async function withoutStored(pool: pg.Pool, rows: readonly ImportedMeasurement[]): Promise<ImportedMeasurement[]> {
  const ids = [...new Set(rows.map((row) => row.instanceId))];
  const days = rows.map((row) => row.collectedDate).sort();
  const stored = new Set<string>();
  for (const id of ids) {
    for (const { databaseName, collectedDate } of await listMeasuredDays(pool, id, days[0] ?? '', days.at(-1) ?? '')) {
      stored.add(JSON.stringify([id, databaseName, collectedDate]));
    }
  }
  return rows.filter((row) => !stored.has(JSON.stringify([row.instanceId, row.databaseName, row.collectedDate])));
}
