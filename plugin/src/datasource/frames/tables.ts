import type { DataFrame } from '@grafana/data';
import { t } from '@grafana/i18n';

import type { List } from '../../data/client';
import type { CollectionRecord, Session } from '../../data/resources/collections';
import type { DatabaseRow } from '../../data/resources/databases';
import type { FleetForecast } from '../../data/resources/forecasts';
import type { GrowthRow } from '../../data/resources/growth';
import {
  bytesField,
  databaseLinks,
  dayField,
  hiddenField,
  instanceLinks,
  numberField,
  percentField,
  tableFrame,
  textField,
  timeField,
} from './fields';

const openInstance = () => instanceLinks(t('links.instance', 'Open the instance'));
const openDatabase = () => databaseLinks(t('links.database', 'Open the database'));

export function databasesFrame(refId: string, { data: rows, page }: List<DatabaseRow>): DataFrame {
  const of = <T>(pick: (row: DatabaseRow) => T) => rows.map(pick);
  return tableFrame(
    refId,
    'databases',
    [
      textField(
        'instance_name',
        t('fields.instance', 'Instance'),
        of((row) => row.instance_name),
        openInstance(),
      ),
      textField(
        'database_name',
        t('fields.database', 'Database'),
        of((row) => row.database_name),
        openDatabase(),
      ),
      textField(
        'engine',
        t('fields.engine', 'Engine'),
        of((row) => row.engine),
      ),
      textField(
        'owner',
        t('fields.owner', 'Owner'),
        of((row) => row.owner),
      ),
      bytesField(
        'size_bytes',
        t('fields.size', 'Size'),
        of((row) => row.size_bytes),
      ),
      bytesField(
        'data_bytes',
        t('fields.data', 'Data'),
        of((row) => row.data_bytes),
      ),
      bytesField(
        'log_bytes',
        t('fields.log', 'Log'),
        of((row) => row.log_bytes),
      ),
      bytesField(
        'limit_bytes',
        t('fields.limit', 'Limit'),
        of((row) => row.limit_bytes),
      ),
      bytesField(
        'change_bytes',
        t('fields.change', 'Change'),
        of((row) => row.growth?.change_bytes ?? null),
      ),
      percentField(
        'growth_rate',
        t('fields.growth', 'Growth'),
        of((row) => row.growth?.growth_rate ?? null),
      ),
      numberField(
        'share',
        t('fields.share', 'Share of the instance'),
        of((row) => row.share),
        { unit: 'percentunit', decimals: 1 },
      ),
      timeField(
        'collected_at',
        t('fields.collected', 'Collected'),
        of((row) => row.collected_at),
      ),
      dayField(
        'gone_since',
        t('fields.gone', 'Gone since'),
        of((row) => row.gone_since),
      ),
      hiddenField(
        'instance_id',
        of((row) => row.instance_id),
      ),
    ],
    page.total,
  );
}

export function growthFrame(refId: string, { data: rows, page }: List<GrowthRow>): DataFrame {
  const of = <T>(pick: (row: GrowthRow) => T) => rows.map(pick);
  const byDatabase = rows.some((row) => row.database_name !== null);
  const byInstance = rows.some((row) => row.instance_name !== null);
  return tableFrame(
    refId,
    'growth',
    [
      ...(byInstance
        ? [
            textField(
              'instance_name',
              t('fields.instance', 'Instance'),
              of((row) => row.instance_name),
              openInstance(),
            ),
          ]
        : [
            textField(
              'group',
              t('fields.group', 'Group'),
              of((row) => row.group ?? t('fields.none', 'none')),
            ),
          ]),
      ...(byDatabase
        ? [
            textField(
              'database_name',
              t('fields.database', 'Database'),
              of((row) => row.database_name),
              openDatabase(),
            ),
          ]
        : []),
      bytesField(
        'size_bytes',
        t('fields.size', 'Size'),
        of((row) => row.size_bytes),
      ),
      bytesField(
        'previous_size_bytes',
        t('fields.before', 'Before'),
        of((row) => row.previous_size_bytes),
      ),
      bytesField(
        'change_bytes',
        t('fields.change', 'Change'),
        of((row) => row.change_bytes),
      ),
      percentField(
        'growth_rate',
        t('fields.growth', 'Growth'),
        of((row) => row.growth_rate),
      ),
      ...(byDatabase
        ? []
        : [
            numberField(
              'database_count',
              t('fields.databases', 'Databases'),
              of((row) => row.database_count),
            ),
          ]),
      ...(byInstance
        ? [
            hiddenField(
              'instance_id',
              of((row) => row.instance_id),
            ),
          ]
        : []),
    ],
    page.total,
  );
}

export function forecastsFrame(refId: string, { data: rows, page }: List<FleetForecast>): DataFrame {
  const of = <T>(pick: (row: FleetForecast) => T) => rows.map(pick);
  return tableFrame(
    refId,
    'forecasts',
    [
      textField(
        'instance_name',
        t('fields.instance', 'Instance'),
        of((row) => row.instance_name),
        openInstance(),
      ),
      textField(
        'database_name',
        t('fields.database', 'Database'),
        of((row) => row.database_name),
        openDatabase(),
      ),
      textField(
        'owner',
        t('fields.owner', 'Owner'),
        of((row) => row.owner),
      ),
      bytesField(
        'size_bytes',
        t('fields.size', 'Size'),
        of((row) => row.size_bytes),
      ),
      bytesField(
        'limit_bytes',
        t('fields.limit', 'Limit'),
        of((row) => row.limit_bytes),
      ),
      bytesField(
        'change_bytes_per_day',
        t('fields.per-day', 'Change a day'),
        of((row) => row.change_bytes_per_day),
      ),
      dayField(
        'full_at',
        t('fields.full', 'Full on'),
        of((row) => row.full_at),
      ),
      numberField(
        'r_squared',
        t('fields.fit', 'Fit (R²)'),
        of((row) => row.r_squared),
        { decimals: 2 },
      ),
      hiddenField(
        'instance_id',
        of((row) => row.instance_id),
      ),
    ],
    page.total,
  );
}

export function sessionsFrame(refId: string, { data: rows, page }: List<Session>): DataFrame {
  const of = <T>(pick: (row: Session) => T) => rows.map(pick);
  return tableFrame(
    refId,
    'sessions',
    [
      timeField(
        'started_at',
        t('fields.started', 'Started'),
        of((row) => row.started_at),
      ),
      textField(
        'status',
        t('fields.status', 'Status'),
        of((row) => row.status),
      ),
      textField(
        'trigger',
        t('fields.trigger', 'Trigger'),
        of((row) => row.trigger),
      ),
      numberField(
        'duration_seconds',
        t('fields.duration', 'Duration'),
        of((row) => row.duration_seconds),
        { unit: 's' },
      ),
      numberField(
        'succeeded',
        t('fields.succeeded', 'Instances succeeded'),
        of((row) => row.instances.succeeded),
      ),
      numberField(
        'partial',
        t('fields.partial', 'Instances partial'),
        of((row) => row.instances.partial),
      ),
      numberField(
        'failed',
        t('fields.failed', 'Instances failed'),
        of((row) => row.instances.failed),
      ),
      numberField(
        'databases_measured',
        t('fields.measured', 'Databases measured'),
        of((row) => row.databases_measured),
      ),
      numberField(
        'databases_failed',
        t('fields.not-measured', 'Databases failed'),
        of((row) => row.databases_failed),
      ),
      textField(
        'id',
        t('fields.session', 'Session'),
        of((row) => String(row.id)),
      ),
    ],
    page.total,
  );
}

export function recordsFrame(refId: string, { data: rows, page }: List<CollectionRecord>): DataFrame {
  const of = <T>(pick: (row: CollectionRecord) => T) => rows.map(pick);
  return tableFrame(
    refId,
    'records',
    [
      textField(
        'instance_name',
        t('fields.instance', 'Instance'),
        of((row) => row.instance),
        openInstance(),
      ),
      textField(
        'engine',
        t('fields.engine', 'Engine'),
        of((row) => row.engine),
      ),
      textField(
        'owner',
        t('fields.owner', 'Owner'),
        of((row) => row.owner),
      ),
      textField(
        'status',
        t('fields.status', 'Status'),
        of((row) => row.status),
      ),
      timeField(
        'finished_at',
        t('fields.finished', 'Finished'),
        of((row) => row.finished_at),
      ),
      numberField(
        'measure_seconds',
        t('fields.measure-seconds', 'Measured in'),
        of((row) => row.measure_seconds),
        { unit: 's' },
      ),
      numberField(
        'databases_measured',
        t('fields.measured', 'Databases measured'),
        of((row) => row.databases_measured),
      ),
      numberField(
        'databases_failed',
        t('fields.not-measured', 'Databases failed'),
        of((row) => row.databases_failed),
      ),
      textField(
        'error_code',
        t('fields.error', 'Error'),
        of((row) => row.error_code),
      ),
      textField(
        'error_message',
        t('fields.message', 'Message'),
        of((row) => row.error_message),
      ),
      hiddenField(
        'instance_id',
        of((row) => row.instance_id),
      ),
    ],
    page.total,
  );
}
