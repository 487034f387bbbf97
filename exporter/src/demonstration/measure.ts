import type { DatabaseMeasurement } from '../engines/engine.ts';
import type { DemonstrationDay } from './calendar.ts';
import type { DatabasePlan } from './fleet.ts';
import { contentByDay } from './growth.ts';
import type { Random } from './random.ts';

type Sizes = Omit<DatabaseMeasurement, 'databaseName'>;

/** Turns contents into what the engine would report of its files, day by day. */
type Report = (
  plan: DatabasePlan,
  contents: readonly number[],
  days: readonly DemonstrationDay[],
  stream: RandomStreams,
) => Sizes[];

/** Numbers for one purpose: drawing more of them for one does not change those of another. */
type RandomStreams = (purpose: 'content' | 'log' | 'fill') => Random;

const megabyte = 2 ** 20;
const gigabyte = 2 ** 30;

const nothingElse = {
  ...{ dataBytes: null, logBytes: null, indexBytes: null, tempBytes: null, usedBytes: null, limitBytes: null },
  method: 'exact',
} as const;

function upTo(unit: number, bytes: number): number {
  return Math.ceil(bytes / unit) * unit;
}

/** Files that grow in steps and never become smaller, for each content. */
function filesOf(contents: readonly number[], slack: number): number[] {
  let allocated = 0;
  return contents.map((content) => {
    const step = content > 200 * gigabyte ? 4 * gigabyte : content > 8 * gigabyte ? gigabyte : 8 * megabyte;
    if (content * slack > allocated) allocated = upTo(step, content * slack);
    // A reorganisation gives back what it freed.
    if (content < allocated * 0.6) allocated = upTo(step, content * slack);
    return allocated;
  });
}

/** A database that has reached its limit takes no more. */
function withinLimit(contents: readonly number[], limitBytes: number): number[] {
  return contents.map((content) => Math.min(content, limitBytes * 0.985));
}

const reports: Readonly<Record<string, Report>> = {
  postgresql: (_plan, contents) =>
    contents.map((content) => {
      const sizeBytes = upTo(8192, content);
      return { ...nothingElse, sizeBytes, dataBytes: sizeBytes };
    }),

  mysql: ({ indexShare }, contents) => {
    const files = filesOf(contents, 1.06);
    return contents.map((content, index) => {
      const dataBytes = upTo(16_384, content * (1 - indexShare));
      const indexBytes = upTo(16_384, content * indexShare);
      return {
        ...nothingElse,
        sizeBytes: Math.max(files[index] ?? 0, dataBytes + indexBytes),
        ...{ dataBytes, indexBytes, usedBytes: dataBytes + indexBytes },
      };
    });
  },

  sqlserver: (plan, contents, days, stream) => {
    const used = withinLimit(contents, plan.limitBytes);
    const files = filesOf(used, 1.015);
    const logs = logsOf(plan, used, days, stream('log'));
    const fill = stream('fill');
    return used.map((content, index) => {
      const dataBytes = Math.min(files[index] ?? 0, plan.limitBytes);
      const logBytes = logs[index] ?? 0;
      return {
        ...nothingElse,
        ...{ sizeBytes: dataBytes + logBytes, dataBytes, logBytes },
        usedBytes: upTo(65_536, content) + upTo(65_536, logBytes * logFill(plan, days[index], fill)),
        limitBytes: plan.limitBytes + logBytes,
      };
    });
  },

  oracle: (plan, contents) => {
    const isRoot = plan.name === 'CDB$ROOT';
    const used = withinLimit(contents, plan.limitBytes);
    const files = filesOf(used, 1.03);
    const tempBytes = upTo(gigabyte, plan.firstBytes * 0.04);
    const logBytes = isRoot ? 6 * gigabyte : null;
    return used.map((content, index) => {
      const dataBytes = Math.min(files[index] ?? 0, plan.limitBytes);
      return {
        ...nothingElse,
        ...{ sizeBytes: dataBytes + tempBytes + (logBytes ?? 0), dataBytes, logBytes, tempBytes },
        usedBytes: upTo(65_536, content),
        limitBytes: plan.limitBytes + tempBytes + (logBytes ?? 0),
      };
    });
  },
};

function isRunaway(plan: DatabasePlan, index: number): boolean {
  return plan.runawayLog.some(({ from, to }) => index >= from && index <= to);
}

/** The log files: as large as the largest load made them; while nobody backs the log up they grow, until they are shrunk. */
function logsOf(
  plan: DatabasePlan,
  contents: readonly number[],
  days: readonly DemonstrationDay[],
  random: Random,
): number[] {
  const unit = plan.firstBytes > 8 * gigabyte ? 512 * megabyte : 8 * megabyte;
  let allocated = 0;
  return contents.map((content, index) => {
    const usual = upTo(unit, content * plan.logShare);
    if (isRunaway(plan, days[index]?.index ?? 0)) allocated += upTo(unit, content * random.between(0.05, 0.11));
    else if (allocated > usual * 4) allocated = usual;
    else allocated = Math.max(allocated, usual);
    return allocated;
  });
}

function logFill(plan: DatabasePlan, day: DemonstrationDay | undefined, random: Random): number {
  return isRunaway(plan, day?.index ?? 0) ? 0.97 : random.between(0.05, 0.4);
}

/**
 * What is measured of one database on each of the days; null while it is not there.
 * @param days from the beginning of the demonstration on
 */
export function measureDatabase(
  engine: string,
  plan: DatabasePlan,
  days: readonly DemonstrationDay[],
  stream: RandomStreams,
): (DatabaseMeasurement | null)[] {
  const report = reports[engine];
  if (report === undefined) throw new Error(`the demonstration knows no engine ${engine}`);
  const lived = days.filter(({ index }) => index >= plan.appears);
  const sizes = report(plan, contentByDay(plan, lived, stream('content')), lived, stream);
  return days.map(({ index }, position) => {
    const measured = sizes[position - (days.length - lived.length)];
    return measured === undefined || index > plan.leaves ? null : { databaseName: plan.name, ...measured };
  });
}
