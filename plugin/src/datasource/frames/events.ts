import { FieldType, type DataFrame } from '@grafana/data';
import { t } from '@grafana/i18n';

import type { EventKind, FleetEvent } from '../../data/resources/events';

/** Named as Grafana reads annotations: time, title, text, tags. */
export function eventsFrame(refId: string, events: readonly FleetEvent[]): DataFrame {
  const of = <T>(pick: (event: FleetEvent) => T) => events.map(pick);
  return {
    refId,
    name: 'events',
    length: events.length,
    meta: { preferredVisualisationType: 'table' },
    fields: [
      { name: 'time', type: FieldType.time, config: {}, values: of(({ at }) => Date.parse(at)) },
      { name: 'title', type: FieldType.string, config: {}, values: of(({ kind }) => titleOf(kind)) },
      { name: 'text', type: FieldType.string, config: {}, values: of(({ message }) => message) },
      {
        name: 'tags',
        type: FieldType.other,
        config: {},
        values: of(({ kind, instance_name, database_name }) =>
          [kind, instance_name, database_name].filter((tag) => tag !== null),
        ),
      },
    ],
  };
}

function titleOf(kind: EventKind): string {
  const titles: Record<EventKind, string> = {
    appeared: t('events.appeared', 'Database appeared'),
    vanished: t('events.vanished', 'Database vanished'),
    collection_failed: t('events.collection-failed', 'Collection failed'),
    step_up: t('events.step-up', 'Sudden growth'),
    step_down: t('events.step-down', 'Sudden shrinkage'),
  };
  return titles[kind] ?? kind;
}
