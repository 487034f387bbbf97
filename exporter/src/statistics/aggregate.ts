import type pg from 'pg';
import { messageOf } from '../errors.ts';
import { aggregatePeriod, aggregateTaken, completePeriods } from '../store/aggregation.ts';
import {
  enqueuePeriods,
  hasUnfinishedStatistics,
  listBacklog,
  listChangedMonths,
  listWaitingInstances,
  lockAggregation,
  recordAggregationFailure,
  takeChanges,
  tryLockAggregation,
} from '../store/aggregation-backlog.ts';
import { periodOf, periodTypes, type Period } from '../store/periods.ts';
import { inTransaction, isReadOnly, isRepositoryOutage } from '../store/pool.ts';

/** One period of one instance that could not be computed; it is tried again by the next run. */
interface AggregationFailure {
  readonly period: Period;
  readonly instanceId: number;
  readonly message: string;
}

export interface AggregationReport {
  /** Days of instances whose rows had changed. */
  readonly changedDays: number;
  readonly periods: number;
  /** Statistics that were added, changed or removed. */
  readonly changed: number;
  readonly failures: readonly AggregationFailure[];
}

/**
 * Brings the stored statistics up to date: the current and the previous week, month and quarter, and every other period whose
 * rows were added or changed since it was computed. Each period is one transaction; where one fails it is computed instance by
 * instance, what fails again is recorded with its reason, and the rest is finished. Can be repeated and cut off at any time.
 * @param today the day in the configured time zone, YYYY-MM-DD
 * @throws when the repository does not answer
 */
export async function aggregate(
  pool: pg.Pool,
  today: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<AggregationReport> {
  const stopped = (): boolean => signal.aborted;
  let changedDays = 0;
  for (const month of await listChangedMonths(pool, null)) {
    if (stopped()) break;
    changedDays += await inTransaction(pool, async (client) => {
      await lockAggregation(client);
      return takeChanges(client, month, null);
    });
  }
  const failures: AggregationFailure[] = [];
  if (stopped()) return { changedDays, periods: 0, changed: 0, failures };
  await inTransaction(pool, async (client) => {
    await lockAggregation(client);
    await enqueuePeriods(
      client,
      [-1, 0].flatMap((offset) => periodTypes.map((type) => periodOf(type, today, offset))),
    );
  });
  const backlog = await listBacklog(pool, null);
  let changed = 0;
  for (const period of backlog) {
    if (stopped()) break;
    changed += await aggregateOrIsolate(pool, period, today, failures);
  }
  if (!stopped()) changed += await completePeriods(pool, today);
  return { changedDays, periods: backlog.length, changed, failures };
}

async function aggregateOrIsolate(
  pool: pg.Pool,
  period: Period,
  today: string,
  failures: AggregationFailure[],
): Promise<number> {
  try {
    return (await aggregatePeriod(pool, period, null, today)).changed;
  } catch (error) {
    if (isRepositoryOutage(error)) throw error;
  }
  let changed = 0;
  for (const instanceId of await listWaitingInstances(pool, period)) {
    try {
      changed += (await aggregatePeriod(pool, period, instanceId, today)).changed;
    } catch (error) {
      if (isRepositoryOutage(error)) throw error;
      failures.push({ period, instanceId, message: messageOf(error) });
      await recordAggregationFailure(pool, period, instanceId, messageOf(error));
    }
  }
  return changed;
}

/**
 * Brings the statistics of one instance up to date before they are read, where its rows have changed since the last run: what
 * an answer says is then never older than the measurements. When another exporter is at it, what is stored has to do.
 */
export async function refreshInstance(pool: pg.Pool, instanceId: number, today: string): Promise<void> {
  if (!(await hasUnfinishedStatistics(pool, instanceId))) return;
  try {
    await inTransaction(pool, async (client) => {
      if (!(await tryLockAggregation(client))) return;
      for (const month of await listChangedMonths(client, instanceId)) await takeChanges(client, month, instanceId);
      for (const period of await listBacklog(client, instanceId))
        await aggregateTaken(client, period, instanceId, today);
    });
  } catch (error) {
    // What cannot be computed is recorded by the next run of the job; reading goes on with what is stored.
    if (isRepositoryOutage(error) && !isReadOnly(error)) throw error;
  }
}

/** The same for the daily totals of the whole fleet; the periods wait for the next run. */
export async function refreshDailyTotals(pool: pg.Pool): Promise<void> {
  try {
    for (const month of await listChangedMonths(pool, null)) {
      await inTransaction(pool, async (client) => {
        if (await tryLockAggregation(client)) await takeChanges(client, month, null);
      });
    }
  } catch (error) {
    // What can only be read is shown as it is.
    if (!isReadOnly(error)) throw error;
  }
}
