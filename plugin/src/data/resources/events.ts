import type { TidemarkClient } from '../client';
import type { Day, DayRange, FleetFilters, Moment, Paging } from '../common';

export type EventKind = 'appeared' | 'vanished' | 'collection_failed' | 'step_up' | 'step_down';

/** Something worth a mark on a chart. */
export interface FleetEvent {
  readonly at: Moment;
  readonly date: Day;
  readonly kind: EventKind;
  readonly instance_id: number;
  readonly instance_name: string;
  readonly database_name: string | null;
  readonly message: string;
  readonly change_bytes: number | null;
}

/** Steps need exactly one instance. */
export interface EventsQuery extends FleetFilters, DayRange, Paging {
  readonly kind?: readonly EventKind[] | undefined;
}

export const listEvents = (client: TidemarkClient, query: EventsQuery, signal?: AbortSignal) =>
  client.list<FleetEvent>('/events', { ...query }, signal);
