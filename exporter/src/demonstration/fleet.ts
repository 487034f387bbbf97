import { randomFor, type Random } from './random.ts';
import { servers, type ServerEntry } from './catalogue.ts';
import { expectedGrowth, type Growth, type GrowthPlan } from './growth.ts';
import { databaseStories, type DatabaseStory } from './stories.ts';

/** A database of the demonstration: what it holds, and when it is there. */
export interface DatabasePlan extends GrowthPlan {
  readonly name: string;
  /** Days from the beginning, both included. */
  readonly appears: number;
  readonly leaves: number;
  /** Part of the content that is indexes. */
  readonly indexShare: number;
  /** What its transaction log usually takes, as a share of its content. */
  readonly logShare: number;
  readonly runawayLog: readonly { readonly from: number; readonly to: number }[];
  /** The size of its data at which it stops growing, for engines that know one. */
  readonly limitBytes: number;
}

/** A server of the demonstration. Nobody ever logs in to it. */
export interface DemonstrationServer extends Omit<ServerEntry, 'databases'> {
  readonly databases: readonly DatabasePlan[];
}

const gigabyte = 2 ** 30;
const forEver = Number.MAX_SAFE_INTEGER;

/** What the engines bring along, and nobody fills. */
const systemDatabases: Readonly<Record<string, number>> = {
  postgres: 7_900_000,
  master: 6_000_000,
  msdb: 210_000_000,
  CDB$ROOT: 3.4 * gigabyte,
};

const commonGrowths: readonly Growth[] = [
  ...([
    'steady',
    'steady',
    'steady',
    'steady',
    'fixed',
    'fixed',
    'purged',
    'accelerating',
    'loaded',
    'shrunk',
  ] as const),
];

/** The servers and databases of the demonstration; the same for the same seed. */
export function planFleet(seed: number): DemonstrationServer[] {
  return servers.map((server) => ({
    ...server,
    databases: server.databases.map((name) => planDatabase(server, name, randomFor(seed, server.name, name))),
  }));
}

function planDatabase(server: ServerEntry, name: string, random: Random): DatabasePlan {
  const story = databaseStories[server.name]?.[name] ?? {};
  const growth = planGrowth(server, name, story, random);
  const usualRoom = Math.min(expectedGrowth(growth, random.integer(700, 2500)), 6);
  const room = story.fullOn === undefined ? usualRoom : expectedGrowth(growth, story.fullOn);
  return {
    name,
    ...growth,
    appears: story.appears ?? 0,
    leaves: story.leaves ?? forEver,
    indexShare: random.between(0.12, 0.38),
    logShare: random.between(0.02, 0.09),
    runawayLog: story.runawayLog ?? [],
    limitBytes: Math.ceil((growth.firstBytes * room) / gigabyte) * gigabyte,
  };
}

function planGrowth(server: ServerEntry, name: string, story: DatabaseStory, random: Random): GrowthPlan {
  const systemBytes = systemDatabases[name];
  if (systemBytes !== undefined) {
    return { growth: 'fixed', firstBytes: systemBytes * random.between(0.95, 1.05), dailyShare: 0.0008, eventDay: 0 };
  }
  // Most databases are small and a few are very large.
  const times = story.times ?? Math.exp(1.1 * random.spread()) * 0.6;
  return {
    growth: story.growth ?? server.growth ?? random.pick(commonGrowths),
    firstBytes: server.typicalGigabytes * gigabyte * times,
    dailyShare: story.dailyShare ?? random.between(0.0002, 0.0017),
    eventDay: story.eventDay ?? random.integer(40, 380),
  };
}
