import type { DataFrame } from '@grafana/data';
import { t } from '@grafana/i18n';

import type { List } from '../../data/client';
import type { CollectionRecord, Session } from '../../data/resources/collections';
import type { DatabaseRow } from '../../data/resources/databases';
import type { FleetForecast } from '../../data/resources/forecasts';
import type { GrowthRow } from '../../data/resources/growth';
import { columnsOf, databaseLinks, instanceLinks, tableFrame } from './fields';

const openInstance = () => instanceLinks(t('links.instance', 'Open the instance'));
const openDatabase = () => databaseLinks(t('links.database', 'Open the database'));

export function databasesFrame(refId: string, { data: rows, page }: List<DatabaseRow>): DataFrame {
  const column = columnsOf(
    rows.map(({ growth, ...row }) => ({
      ...row,
      change_bytes: growth?.change_bytes ?? null,
      growth_rate: growth?.growth_rate ?? null,
    })),
  );
  return tableFrame(
    refId,
    'databases',
    [
      column.text('instance_name', t('fields.instance', 'Instance'), openInstance()),
      column.text('database_name', t('fields.database', 'Database'), openDatabase()),
      column.text('engine', t('fields.engine', 'Engine')),
      column.text('owner', t('fields.owner', 'Owner')),
      column.bytes('size_bytes', t('fields.size', 'Size')),
      column.bytes('data_bytes', t('fields.data', 'Data')),
      column.bytes('log_bytes', t('fields.log', 'Log')),
      column.bytes('limit_bytes', t('fields.limit', 'Limit')),
      column.bytes('change_bytes', t('fields.change', 'Change')),
      column.percent('growth_rate', t('fields.growth', 'Growth')),
      column.number('share', t('fields.share', 'Share of the instance'), { unit: 'percentunit', decimals: 1 }),
      column.time('collected_at', t('fields.collected', 'Collected')),
      column.day('gone_since', t('fields.gone', 'Gone since')),
      column.hidden('instance_id'),
    ],
    page.total,
  );
}

export function growthFrame(refId: string, { data: rows, page }: List<GrowthRow>): DataFrame {
  const column = columnsOf(rows.map((row) => ({ ...row, group: row.group ?? t('fields.none', 'none') })));
  const byDatabase = rows.some((row) => row.database_name !== null);
  const byInstance = rows.some((row) => row.instance_name !== null);
  return tableFrame(
    refId,
    'growth',
    [
      ...(byInstance
        ? [column.text('instance_name', t('fields.instance', 'Instance'), openInstance())]
        : [column.text('group', t('fields.group', 'Group'))]),
      ...(byDatabase ? [column.text('database_name', t('fields.database', 'Database'), openDatabase())] : []),
      column.bytes('size_bytes', t('fields.size', 'Size')),
      column.bytes('previous_size_bytes', t('fields.before', 'Before')),
      column.bytes('change_bytes', t('fields.change', 'Change')),
      column.percent('growth_rate', t('fields.growth', 'Growth')),
      ...(byDatabase ? [] : [column.number('database_count', t('fields.databases', 'Databases'))]),
      ...(byInstance ? [column.hidden('instance_id')] : []),
    ],
    page.total,
  );
}

export function forecastsFrame(refId: string, { data: rows, page }: List<FleetForecast>): DataFrame {
  const column = columnsOf(rows);
  return tableFrame(
    refId,
    'forecasts',
    [
      column.text('instance_name', t('fields.instance', 'Instance'), openInstance()),
      column.text('database_name', t('fields.database', 'Database'), openDatabase()),
      column.text('owner', t('fields.owner', 'Owner')),
      column.bytes('size_bytes', t('fields.size', 'Size')),
      column.bytes('limit_bytes', t('fields.limit', 'Limit')),
      column.bytes('change_bytes_per_day', t('fields.per-day', 'Change a day')),
      column.day('full_at', t('fields.full', 'Full on')),
      column.number('r_squared', t('fields.fit', 'Fit (R²)'), { decimals: 2 }),
      column.hidden('instance_id'),
    ],
    page.total,
  );
}

export function sessionsFrame(refId: string, { data: rows, page }: List<Session>): DataFrame {
  const column = columnsOf(rows.map(({ instances, ...row }) => ({ ...row, ...instances, id: String(row.id) })));
  return tableFrame(
    refId,
    'sessions',
    [
      column.time('started_at', t('fields.started', 'Started')),
      column.text('status', t('fields.status', 'Status')),
      column.text('trigger', t('fields.trigger', 'Trigger')),
      column.number('duration_seconds', t('fields.duration', 'Duration'), { unit: 's' }),
      column.number('succeeded', t('fields.succeeded', 'Instances succeeded')),
      column.number('partial', t('fields.partial', 'Instances partial')),
      column.number('failed', t('fields.failed', 'Instances failed')),
      column.number('databases_measured', t('fields.measured', 'Databases measured')),
      column.number('databases_failed', t('fields.not-measured', 'Databases failed')),
      column.text('id', t('fields.session', 'Session')),
    ],
    page.total,
  );
}

export function recordsFrame(refId: string, { data: rows, page }: List<CollectionRecord>): DataFrame {
  const column = columnsOf(rows.map(({ instance, ...row }) => ({ ...row, instance_name: instance })));
  return tableFrame(
    refId,
    'records',
    [
      column.text('instance_name', t('fields.instance', 'Instance'), openInstance()),
      column.text('engine', t('fields.engine', 'Engine')),
      column.text('owner', t('fields.owner', 'Owner')),
      column.text('status', t('fields.status', 'Status')),
      column.time('finished_at', t('fields.finished', 'Finished')),
      column.number('measure_seconds', t('fields.measure-seconds', 'Measured in'), { unit: 's' }),
      column.number('databases_measured', t('fields.measured', 'Databases measured')),
      column.number('databases_failed', t('fields.not-measured', 'Databases failed')),
      column.text('error_code', t('fields.error', 'Error')),
      column.text('error_message', t('fields.message', 'Message')),
      column.hidden('instance_id'),
    ],
    page.total,
  );
}
