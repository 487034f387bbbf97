import { readLifespans } from '../store/latest.ts';
import { readHistory, type HistoryRow } from '../store/measurements.ts';
import { addDays } from '../store/periods.ts';
import type { Queryable } from '../store/pool.ts';
import { findSteps, type StepChange } from './steps.ts';

/** Something that happened to a database on a day, YYYY-MM-DD. */
export type Change =
  | { readonly kind: 'appeared'; readonly databaseName: string; readonly date: string }
  | { readonly kind: 'vanished'; readonly databaseName: string; readonly date: string; readonly beforeBytes: number }
  | ({ readonly kind: 'step_up' | 'step_down'; readonly databaseName: string } & StepChange);

export interface ChangeQuery {
  readonly instanceId: number;
  /** YYYY-MM-DD, both included. */
  readonly startDate: string;
  readonly endDate: string;
  readonly databaseName: string | null;
}

/** How far before the range the history tells what is usual for a database. */
const daysBefore = 91;

/** What appeared, vanished, or changed in size at one blow on one instance; newest first. */
export async function readChanges(client: Queryable, query: ChangeQuery): Promise<Change[]> {
  const { instanceId, startDate, databaseName } = query;
  const within = (day: string | null) => day !== null && day >= startDate && day <= query.endDate;
  const lives = await readLifespans(client, instanceId, databaseName);
  const changes: Change[] = await readSteps(client, query);
  for (const { databaseName: name, firstSeenDate, watchedSinceDate, goneSince, sizeBytes } of lives) {
    if (within(firstSeenDate) && firstSeenDate > watchedSinceDate)
      changes.push({ kind: 'appeared', databaseName: name, date: firstSeenDate });
    if (goneSince !== null && within(goneSince))
      changes.push({ kind: 'vanished', databaseName: name, date: goneSince, beforeBytes: sizeBytes });
  }
  return changes.sort((one, other) => compare(other.date, one.date) || compare(one.databaseName, other.databaseName));
}

async function readSteps(client: Queryable, query: ChangeQuery): Promise<Change[]> {
  const history = await readHistory(client, { ...query, startDate: addDays(query.startDate, -daysBefore) });
  return groupByName(history).flatMap(([databaseName, rows]) =>
    findSteps(rows)
      .filter((step) => step.date >= query.startDate && step.date <= query.endDate)
      .map((step) => ({ kind: step.changeBytes > 0 ? 'step_up' : 'step_down', databaseName, ...step }) as const),
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The rows come ordered by database. */
function groupByName(rows: readonly HistoryRow[]): [string, HistoryRow[]][] {
  const groups: [string, HistoryRow[]][] = [];
  for (const row of rows) {
    const group = groups.at(-1);
    if (group?.[0] === row.databaseName) group[1].push(row);
    else groups.push([row.databaseName, [row]]);
  }
  return groups;
}
