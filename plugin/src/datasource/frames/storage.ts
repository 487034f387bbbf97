import { FieldType, type DataFrame } from '@grafana/data';
import { t } from '@grafana/i18n';

import type { StorageHistory, StorageRow } from '../../data/resources/storage';
import type { QueryRange } from '../query/range';
import { bytesField, tableFrame, textField, timeField } from './fields';

export function storageFrame(refId: string, rows: readonly StorageRow[]): DataFrame {
  const of = <T>(pick: (row: StorageRow) => T) => rows.map(pick);
  return tableFrame(refId, 'storage', [
    textField(
      'name',
      t('fields.name', 'Name'),
      of((row) => row.name),
    ),
    bytesField(
      'allocated_bytes',
      t('fields.allocated', 'Allocated'),
      of((row) => row.allocated_bytes),
    ),
    bytesField(
      'used_bytes',
      t('fields.used', 'Used'),
      of((row) => row.used_bytes),
    ),
    bytesField(
      'limit_bytes',
      t('fields.limit', 'Limit'),
      of((row) => row.limit_bytes),
    ),
    bytesField(
      'free_bytes',
      t('fields.free', 'Free'),
      of((row) => row.free_bytes),
    ),
    timeField(
      'collected_at',
      t('fields.collected', 'Collected'),
      of((row) => row.collected_at),
    ),
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
