import { FieldType, type DataFrame } from '@grafana/data';
import { t } from '@grafana/i18n';

import type { StorageHistory, StorageRow } from '../../data/resources/storage';
import type { QueryRange } from '../query/range';
import { bytesField, columnsOf, tableFrame } from './fields';

export function storageFrame(refId: string, rows: readonly StorageRow[]): DataFrame {
  const column = columnsOf(rows);
  return tableFrame(refId, 'storage', [
    column.text('name', t('fields.name', 'Name')),
    column.bytes('allocated_bytes', t('fields.allocated', 'Allocated')),
    column.bytes('used_bytes', t('fields.used', 'Used')),
    column.bytes('limit_bytes', t('fields.limit', 'Limit')),
    column.bytes('free_bytes', t('fields.free', 'Free')),
    column.time('collected_at', t('fields.collected', 'Collected')),
  ]);
}

/** One frame a volume, tablespace or log; only what the engine tells becomes a line. */
export function storageHistoryFrames(
  refId: string,
  histories: readonly StorageHistory[],
  range: QueryRange,
): DataFrame[] {
  const measures = [
    ['allocated_bytes', t('fields.allocated', 'Allocated')],
    ['used_bytes', t('fields.used', 'Used')],
    ['limit_bytes', t('fields.limit', 'Limit')],
    ['free_bytes', t('fields.free', 'Free')],
  ] as const;
  return histories.map((history) => ({
    refId,
    name: history.name,
    length: history.t.length,
    meta: { preferredVisualisationType: 'graph' as const },
    fields: [
      { name: 'Time', type: FieldType.time, config: {}, values: history.t.map(range.timeOf) },
      ...measures
        .filter(([name]) => history[name].some((value) => value !== null))
        .map(([name, label]) =>
          Object.assign(bytesField(name, `${history.name}, ${label}`, history[name]), {
            labels: { name: history.name },
          }),
        ),
    ],
  }));
}
