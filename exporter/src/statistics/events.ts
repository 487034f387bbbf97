import { selectInstances } from '../store/fleet-filter.ts';
import {
  listRecordedEvents,
  type RecordedEvent,
  type RecordedEventsQuery,
  type RecordedKind,
} from '../store/events.ts';
import { findInstance } from '../store/instances.ts';
import { startOfDay } from '../store/periods.ts';
import type { Queryable } from '../store/pool.ts';
import { readChanges } from './changes.ts';

export type StepKind = 'step_up' | 'step_down';

/** Something worth a mark on a chart. */
export interface FleetEvent extends Omit<RecordedEvent, 'kind'> {
  readonly kind: RecordedKind | StepKind;
  /** Of a step. */
  readonly afterBytes: number | null;
}

export interface EventsQuery extends Omit<RecordedEventsQuery, 'kinds'> {
  readonly kinds: readonly FleetEvent['kind'][];
}

/**
 * What happened in the fleet, the newest first, a page at a time. Steps are computed from the history of an instance, so they are
 * only there where the filter names exactly one.
 */
export async function listEvents(
  client: Queryable,
  query: EventsQuery,
): Promise<{ events: FleetEvent[]; total: number }> {
  const { limit, offset } = query;
  const kinds = query.kinds.filter((kind): kind is RecordedKind => kind !== 'step_up' && kind !== 'step_down');
  if (kinds.length === query.kinds.length) return withoutSteps(await listRecordedEvents(client, { ...query, kinds }));
  const [steps, recorded] = [
    await readSteps(client, query),
    // One instance has few enough to put them in order here.
    await listRecordedEvents(client, { ...query, kinds, limit: 2_147_483_647, offset: 0 }),
  ];
  const events = [...withoutSteps(recorded).events, ...steps].sort(
    (one, other) => other.at.getTime() - one.at.getTime() || compare(nameOf(one), nameOf(other)),
  );
  return { events: events.slice(offset, offset + limit), total: events.length };
}

function withoutSteps({ events, total }: { readonly events: readonly RecordedEvent[]; readonly total: number }) {
  return { events: events.map((event) => ({ ...event, afterBytes: null })), total };
}

async function readSteps(client: Queryable, query: EventsQuery): Promise<FleetEvent[]> {
  const [id, ...others] = (await selectInstances(client, query.fleet)) ?? [];
  if (id === undefined || others.length > 0) return [];
  const instance = await findInstance(client, { id }, query.fleet.visibleTo);
  if (instance === null) return [];
  const { startDate, endDate, timezone } = query;
  const changes = await readChanges(client, { instanceId: id, startDate, endDate, databaseName: null });
  return changes.flatMap((change) => {
    if (change.kind === 'appeared' || change.kind === 'vanished' || !query.kinds.includes(change.kind)) return [];
    const { kind, date, databaseName, beforeBytes, afterBytes } = change;
    const at = startOfDay(timezone, date);
    const step = { at, date, kind, databaseName, beforeBytes, afterBytes, errorMessage: null };
    return [{ ...step, instanceId: id, instanceName: instance.name }];
  });
}

function nameOf({ kind, databaseName }: FleetEvent): string {
  return `${kind} ${databaseName ?? ''}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
