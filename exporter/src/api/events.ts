import { z } from 'zod';
import { listEvents, type FleetEvent } from '../statistics/events.ts';
import { event, eventKind } from './events.schemas.ts';
import { fleetOf, fleetParameters } from './fleet-parameters.ts';
import { dateRange, inOrder, outOfOrder, rangeOf, repeatable } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { page, type AnswerOf } from './routing/response.ts';

const recordedKinds = ['appeared', 'vanished', 'collection_failed'] as const;

const eventsQuery = z
  .strictObject({
    ...fleetParameters,
    ...dateRange,
    kind: repeatable(eventKind).meta({
      description:
        'Only these. step_up and step_down need exactly one instance_id, and are left out where there is none.',
      example: ['appeared'],
    }),
  })
  .refine(inOrder, outOfOrder)
  .refine(
    ({ kind, instance_id: ids }) =>
      ids?.length === 1 || kind?.some((one) => one === 'step_up' || one === 'step_down') !== true,
    { path: ['instance_id'], message: 'expected exactly one instance together with kind=step_up or kind=step_down' },
  );

/** What happened: `/events` */
export const eventsRoutes: readonly Route[] = [
  defineRoute('GET /events', {
    tag: 'Fleet',
    summary: 'What happened in the fleet, newest first: for marks on charts',
    description:
      'Databases that appeared or vanished, collections of an instance that failed, and sizes that changed at one blow. The last 30 days where no range is given.',
    query: eventsQuery,
    response: page(event),
    example: { query: { kind: 'collection_failed', start_date: '2026-11-01', end_date: '2026-11-30' } },
    handler: async ({ query, page: { limit, offset }, visibleTo, context: { pool, timezone } }) => {
      const standard = query.instance_id?.length === 1 ? eventKind.options : recordedKinds;
      const { events, total } = await listEvents(pool, {
        fleet: fleetOf(query, visibleTo),
        kinds: query.kind ?? standard,
        ...rangeOf(query, timezone),
        ...{ timezone, limit, offset },
      });
      return { rows: events.map(describeEvent), total };
    },
  }),
];

function describeEvent(found: FleetEvent): AnswerOf<typeof event> {
  return {
    at: found.at,
    date: found.date,
    kind: found.kind,
    instance_id: found.instanceId,
    instance_name: found.instanceName,
    database_name: found.databaseName,
    message: messageOf(found),
    change_bytes: found.beforeBytes === null ? null : (found.afterBytes ?? 0) - found.beforeBytes,
  };
}

function messageOf({ kind, databaseName, errorMessage, beforeBytes, afterBytes }: FleetEvent): string {
  const name = databaseName ?? '';
  const sizes = `from ${inMebibytes(beforeBytes)} to ${inMebibytes(afterBytes)}`;
  switch (kind) {
    case 'appeared':
      return `${name} appeared`;
    case 'vanished':
      return `${name} is gone`;
    case 'collection_failed':
      return errorMessage ?? 'the collection failed';
    case 'step_up':
      return `${name} grew at one blow ${sizes}`;
    case 'step_down':
      return `${name} shrank at one blow ${sizes}`;
  }
}

/** Steps are of a mebibyte at least. */
function inMebibytes(bytes: number | null): string {
  return `${Math.round((bytes ?? 0) / 1_048_576).toLocaleString('en')} MiB`;
}
