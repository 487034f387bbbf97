import { DateTime } from 'luxon';
import type pg from 'pg';
import { TidemarkError } from '../errors.ts';
import {
  describeDemonstration,
  findDemonstration,
  importCollections,
  listRealInstances,
  type PastRecord,
} from '../store/demonstration.ts';
import { importMeasurements, type ImportedMeasurement } from '../store/import.ts';
import { saveInstance, type InstanceDescription } from '../store/instances.ts';
import { importStorage, type ImportedStorage } from '../store/storage.ts';
import { daysBefore } from './calendar.ts';
import { planFleet, type DemonstrationServer } from './fleet.ts';
import { generateHistory, type DemonstrationHistory } from './generate.ts';
import { hostOf, ports } from './nights.ts';

/** How a demonstration is made. */
export interface DemonstrationOptions {
  /** IANA zone in which days begin. */
  readonly timezone: string;
  /** YYYY-MM-DD: the last day of the history, usually that of the last night. */
  readonly lastDay: string;
  /** How many days the history has when it begins. */
  readonly days?: number;
  readonly seed?: number;
}

/** What was written. */
export interface FilledDemonstration {
  readonly instances: number;
  readonly measurements: number;
  readonly firstDay: string;
  readonly lastDay: string;
}

export const demonstrationDays = 400;
const usualSeed = 1;

/** The label that all instances of a demonstration carry, beside their source. */
const demonstrationLabel = { demonstration: 'true' };

/**
 * Puts the demonstration fleet into a repository, or adds the days that are missing since it was put there. Can be repeated.
 * The statistics are left to the aggregation.
 * @throws TidemarkError `usage` where the repository watches real instances and holds no demonstration yet
 */
export async function fillDemonstration(pool: pg.Pool, options: DemonstrationOptions): Promise<FilledDemonstration> {
  const { timezone, lastDay, days = demonstrationDays, seed = usualSeed } = options;
  const existing = await findDemonstration(pool, timezone);
  const real = existing === null ? await listRealInstances(pool) : [];
  if (real.length > 0) {
    throw new TidemarkError(
      'usage',
      `the repository watches real instances (${real.slice(0, 3).join(', ')}${real.length > 3 ? ', …' : ''}): give the ` +
        'demonstration a repository of its own with TIDEMARK_DATA_DIR or DATABASE_URL',
    );
  }
  const firstDay = existing?.firstDay ?? daysBefore(lastDay, days - 1);
  // The last day again: it may have been cut off.
  const fromDay = existing === null || existing.lastDay < firstDay ? firstDay : existing.lastDay;
  const ids = await saveServers(pool, seed, DateTime.fromISO(firstDay, { zone: timezone }).toJSDate());
  const records: PastRecord[] = [];
  let measurements = 0;
  for (const history of generateHistory({ seed, firstDay, fromDay, toDay: lastDay, timezone })) {
    const instanceId = ids.get(history.server.name) ?? 0;
    const rows = measurementsOf(history, instanceId);
    measurements += rows.length;
    await Promise.all([importMeasurements(pool, rows), importStorage(pool, storageOf(history, instanceId))]);
    records.push(...recordsOf(history, instanceId));
  }
  await importCollections(pool, records);
  return { instances: ids.size, measurements, firstDay, lastDay };
}

async function saveServers(pool: pg.Pool, seed: number, since: Date): Promise<ReadonlyMap<string, number>> {
  const servers = planFleet(seed);
  const saved: { id: number; name: string; serverVersion: string }[] = [];
  for (const server of servers) {
    const id = await saveInstance(pool, describe(server), 'demonstration');
    saved.push({ id, name: server.name, serverVersion: server.version });
  }
  await describeDemonstration(pool, saved, since);
  return new Map(saved.map(({ id, name }) => [name, id]));
}

function describe(server: DemonstrationServer): InstanceDescription {
  return {
    name: server.name,
    engine: server.engine,
    host: hostOf(server),
    port: ports[server.engine],
    database: server.databases[0]?.name ?? '',
    tls: { mode: 'require' },
    owner: server.owner,
    labels: { environment: server.environment, region: server.region, ...demonstrationLabel },
    include: ['*'],
    exclude: [],
    estimateOnTimeout: false,
    quietHours: [],
    active: true,
  };
}

type Night = DemonstrationHistory['nights'][number];

const startOf = ({ day, night }: Night): Date => new Date(day.collectedAt.getTime() + night.startedAfterMilliseconds);

const endOf = (night: Night): Date => new Date(startOf(night).getTime() + night.night.milliseconds);

/** What all rows of a night have: that of the databases and of the storage is of one moment, as what is measured together. */
const collectedIn = (night: Night, instanceId: number) => ({
  instanceId,
  collectedDate: night.day.date,
  collectedAt: endOf(night),
});

function measurementsOf({ nights }: DemonstrationHistory, instanceId: number): ImportedMeasurement[] {
  return nights.flatMap((night) => {
    const collected = collectedIn(night, instanceId);
    return night.databases.map((database) => ({ ...database, ...collected }));
  });
}

function storageOf({ nights }: DemonstrationHistory, instanceId: number): ImportedStorage[] {
  return nights.flatMap((night) => {
    const collected = collectedIn(night, instanceId);
    return night.storage.map((row) => ({ ...row, ...collected }));
  });
}

function recordsOf({ nights }: DemonstrationHistory, instanceId: number): PastRecord[] {
  return nights.map((one) => {
    const { day, night, databases } = one;
    return {
      instanceId,
      dueAt: day.collectedAt,
      startedAt: startOf(one),
      finishedAt: endOf(one),
      status: night.status,
      databasesMeasured: databases.length,
      ...{ error: night.error, failures: night.failures, warnings: night.warnings },
    };
  });
}
