import type { DatabaseMeasurement, StorageMeasurement } from '../engines/engine.ts';
import type { DemonstrationDay } from './calendar.ts';
import type { DatabasePlan, DemonstrationServer } from './fleet.ts';
import { expectedGrowth } from './growth.ts';
import { randomFor } from './random.ts';

/** Logs, tablespaces and volumes of one server on one day, from the databases that were measured on it. */
export type StorageOfDay = (day: DemonstrationDay, databases: readonly DatabaseMeasurement[]) => StorageMeasurement[];

const megabyte = 2 ** 20;
const gigabyte = 2 ** 30;
const segment = 16 * megabyte;

/** The server whose write-ahead log is kept for a replica that is gone, from that day on. */
const forgottenReplica = { server: 'analytics-pg', from: 388, dailyBytes: 21 * gigabyte };

/** In so many days from the beginning the largest volumes are full. */
const volumeDays = 440;

function total(databases: readonly DatabaseMeasurement[], part: 'sizeBytes' | 'dataBytes' | 'logBytes'): number {
  return databases.reduce((sum, database) => sum + (database[part] ?? 0), 0);
}

function upTo(unit: number, bytes: number): number {
  return Math.ceil(bytes / unit) * unit;
}

const allocated = (scope: 'log' | 'tablespace', name: string, bytes: number): StorageMeasurement => ({
  ...{ scope, name, allocatedBytes: bytes, usedBytes: null, limitBytes: null, freeBytes: null },
});

function volume(name: string, limitBytes: number, wanted: number): StorageMeasurement {
  const usedBytes = Math.min(upTo(megabyte, wanted), limitBytes);
  return { scope: 'volume', name, allocatedBytes: null, usedBytes, limitBytes, freeBytes: limitBytes - usedBytes };
}

/** Disks come in sizes of 50 GiB. @param spare how much larger than what was planned for */
function diskFor(plans: readonly DatabasePlan[], share: (plan: DatabasePlan) => number, spare: number): number {
  const planned = plans.reduce(
    (sum, plan) => sum + plan.firstBytes * expectedGrowth(plan, volumeDays) * share(plan),
    0,
  );
  return upTo(50 * gigabyte, planned * spare);
}

/** What the server keeps besides its databases. */
export function planStorage(seed: number, server: DemonstrationServer): StorageOfDay {
  const random = randomFor(seed, server.name, 'storage');
  const plans = server.databases;
  switch (server.engine) {
    case 'postgresql': {
      const usual = upTo(segment, random.between(1, 6) * gigabyte);
      return ({ index }, databases) => {
        const kept =
          server.name === forgottenReplica.server
            ? Math.max(0, index - forgottenReplica.from + 1) * forgottenReplica.dailyBytes
            : 0;
        return [
          allocated('tablespace', 'pg_default', total(databases, 'sizeBytes')),
          allocated('tablespace', 'pg_global', 622_592),
          allocated('log', 'wal', usual + upTo(segment, kept)),
        ];
      };
    }
    case 'mysql': {
      // Seven days of changes are kept.
      const dailyShare = random.between(0.002, 0.012);
      return ({ weekday }, databases) => {
        const pace = [1, 1.1, 1.15, 1.15, 1.1, 0.95, 0.85][weekday - 1] ?? 1;
        return [
          allocated('tablespace', 'innodb_system', 76 * megabyte),
          allocated('tablespace', 'innodb_undo_001', 16 * megabyte),
          allocated('log', 'binlog', Math.round(total(databases, 'sizeBytes') * dailyShare * 7 * pace)),
        ];
      };
    }
    case 'sqlserver': {
      const data = diskFor(plans, () => 1.03, random.between(1.02, 1.6));
      const logs = diskFor(plans, (plan) => plan.logShare, random.between(2.5, 6));
      return (_day, databases) => [
        volume('D:\\Data', data, total(databases, 'dataBytes')),
        volume('L:\\Logs', logs, total(databases, 'logBytes')),
      ];
    }
    case 'oracle': {
      const data = diskFor(plans, () => 1.08, random.between(1.05, 1.5));
      const recovery = upTo(50 * gigabyte, data * 0.4);
      return ({ weekday }, databases) => [
        allocated('log', 'redo', 6 * gigabyte),
        ...databases.flatMap((database) => tablespacesOf(database)),
        volume('DATA', data, total(databases, 'sizeBytes')),
        // Archived logs since the last full backup, which is taken on Sundays.
        volume('RECO', recovery, recovery * (0.18 + 0.09 * (weekday % 7))),
      ];
    }
  }
}

/** How a pluggable database divides its content: the dictionary is small, tables and indexes take the rest. */
function tablespacesOf(database: DatabaseMeasurement): StorageMeasurement[] {
  const { databaseName, dataBytes, usedBytes, limitBytes, tempBytes, logBytes } = database;
  if (dataBytes === null || usedBytes === null || limitBytes === null) return [];
  const limit = limitBytes - (tempBytes ?? 0) - (logBytes ?? 0);
  const parts: [string, number][] =
    databaseName === 'CDB$ROOT'
      ? [['SYSTEM', 1]]
      : [
          ['DATA', 0.68],
          ['INDEXES', 0.32],
        ];
  return parts.map(([name, share]) => {
    const used = Math.round(usedBytes * share);
    const limitOfPart = Math.round(limit * share);
    return {
      ...{ scope: 'tablespace', name: `${databaseName}/${name}` },
      ...{ allocatedBytes: Math.round(dataBytes * share), usedBytes: used, limitBytes: limitOfPart },
      freeBytes: limitOfPart - used,
    };
  });
}
