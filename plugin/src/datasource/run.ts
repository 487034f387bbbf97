import type { DataFrame } from '@grafana/data';
import { t } from '@grafana/i18n';

import type { TidemarkClient } from '../data/client';
import type { RecordStatus, SessionStatus } from '../data/common';
import { listInstanceRecords, listRecords, listSessions } from '../data/resources/collections';
import { listDatabases, type DatabaseRow } from '../data/resources/databases';
import { listEvents } from '../data/resources/events';
import { listForecasts, listInstanceForecasts } from '../data/resources/forecasts';
import { listGrowth } from '../data/resources/growth';
import { listSeries } from '../data/resources/series';
import { getStorageHistory, listStorage } from '../data/resources/storage';
import { eventsFrame } from './frames/events';
import { forecastFrames } from './frames/forecast';
import { seriesFrames } from './frames/series';
import { storageFrame, storageHistoryFrames } from './frames/storage';
import { databasesFrame, forecastsFrame, growthFrame, recordsFrame, sessionsFrame } from './frames/tables';
import { fleetFilters, onlyInstance, QueryProblem } from './query/fleetFilters';
import type { QueryRange } from './query/range';
import type {
  CollectionsQuery,
  DatabasesQuery,
  EventsQuery,
  ForecastsQuery,
  GrowthQuery,
  SeriesQuery,
  StorageQuery,
  TidemarkQuery,
} from './query/types';

interface Run {
  readonly client: TidemarkClient;
  readonly range: QueryRange;
  /** As many points as the panel is wide. */
  readonly points: number;
}

/**
 * Asks the exporter what a query wants to know.
 * @param query with the values of variables put in
 * @throws ApiError; QueryProblem where the query cannot be asked
 */
export async function runQuery(query: TidemarkQuery, run: Run): Promise<DataFrame[]> {
  switch (query.queryType) {
    case 'series':
      return query.calculation === 'forecast' ? forecast(query, run) : series(query, run);
    case 'databases':
      return databases(query, run);
    case 'growth':
      return growth(query, run);
    case 'forecasts':
      return forecasts(query, run);
    case 'collections':
      return collections(query, run);
    case 'storage':
      return storage(query, run);
    case 'events':
      return events(query, run);
  }
}

async function series(query: SeriesQuery, { client, range, points }: Run): Promise<DataFrame[]> {
  const found = await listSeries(client, {
    ...(await fleetFilters(client, query.filters)),
    database_name: query.filters.database,
    start_date: range.start_date,
    end_date: range.end_date,
    measure: query.measure,
    group_by: query.groupBy,
    group_label: query.groupBy === 'label' ? query.groupLabel : undefined,
    points,
    top: query.top,
  });
  return seriesFrames(query, found, range);
}

/** What was measured, and what the forecast adds to it. */
async function forecast(query: SeriesQuery, run: Run): Promise<DataFrame[]> {
  const id = await onlyInstance(run.client, query.filters);
  const names = query.filters.database ?? [];
  const asked = names.length === 0 ? [undefined] : names;
  const [measured, ...predicted] = await Promise.all([
    series({ ...query, measure: 'size', groupBy: 'database' }, run),
    ...asked.map((name) =>
      listInstanceForecasts(run.client, id, { database_name: name, horizon_days: query.horizonDays }),
    ),
  ]);
  const shown = new Set(measured.map((frame) => frame.fields[1]?.labels?.database));
  return [
    ...measured,
    ...forecastFrames(
      query,
      predicted.flat().filter(({ database_name: name }) => shown.has(name)),
      run.range,
    ),
  ];
}

async function databases(query: DatabasesQuery, { client, range }: Run): Promise<DataFrame[]> {
  const names = query.filters.database ?? [];
  const ask = async (search: string) =>
    listDatabases(client, {
      ...(await fleetFilters(client, query.filters)),
      search: search === '' ? undefined : search,
      include_gone: query.includeGone,
      growth_days: query.growthDays ?? range.daysBack,
      limit: query.limit,
    });
  if (names.length === 0) return [databasesFrame(query.refId, await ask(query.search))];
  // The API searches for a part of a name; chosen databases are whole names.
  const found = await Promise.all(names.map(ask));
  const rows: DatabaseRow[] = found.flatMap(({ data }, index) =>
    data.filter((row) => row.database_name === names[index]),
  );
  return [databasesFrame(query.refId, { data: rows, page: { limit: query.limit, offset: 0, total: rows.length } })];
}

async function growth(query: GrowthQuery, { client, range }: Run): Promise<DataFrame[]> {
  const found = await listGrowth(client, {
    ...(await fleetFilters(client, query.filters)),
    database_name: query.filters.database?.[0],
    days: query.growthDays ?? range.daysBack,
    group_by: query.groupBy,
    group_label: query.groupBy === 'label' ? query.groupLabel : undefined,
    order: query.order,
    limit: query.limit,
  });
  return [growthFrame(query.refId, found)];
}

async function forecasts(query: ForecastsQuery, { client }: Run): Promise<DataFrame[]> {
  const found = await listForecasts(client, {
    ...(await fleetFilters(client, query.filters)),
    within_days: query.withinDays ?? undefined,
    sort: 'full_at',
    limit: query.limit,
  });
  return [forecastsFrame(query.refId, found)];
}

async function collections(query: CollectionsQuery, { client }: Run): Promise<DataFrame[]> {
  const { refId, status, limit } = query;
  if (query.show === 'sessions') {
    const wanted = status === '' ? undefined : (status as SessionStatus);
    return [sessionsFrame(refId, await listSessions(client, { status: wanted, limit }))];
  }
  if ((query.filters.instance ?? []).length > 0) {
    const id = await onlyInstance(client, query.filters);
    return [recordsFrame(refId, await listInstanceRecords(client, id, { limit }))];
  }
  const { data: sessions } = await listSessions(client, { limit: 1 });
  const [latest] = sessions;
  if (latest === undefined) return [recordsFrame(refId, { data: [], page: { limit, offset: 0, total: 0 } })];
  const wanted = status === '' ? undefined : (status as RecordStatus);
  return [recordsFrame(refId, await listRecords(client, latest.id, { status: wanted, limit }))];
}

async function storage(query: StorageQuery, { client, range }: Run): Promise<DataFrame[]> {
  const id = await onlyInstance(client, query.filters);
  if (query.show === 'latest') {
    const rows = await listStorage(client, id);
    return [
      storageFrame(
        query.refId,
        rows.filter(({ scope }) => scope === query.scope),
      ),
    ];
  }
  const { start_date, end_date } = range;
  const histories = await getStorageHistory(client, id, { scope: query.scope, start_date, end_date });
  return storageHistoryFrames(query.refId, histories, range);
}

async function events(query: EventsQuery, { client, range }: Run): Promise<DataFrame[]> {
  const filters = await fleetFilters(client, query.filters);
  const wantsSteps = query.kinds.some((kind) => kind.startsWith('step_'));
  if (wantsSteps && filters.instance_id?.length !== 1) {
    throw new QueryProblem(
      t(
        'query.steps-need-instance',
        'Sudden changes are found within one instance: choose exactly one in the filters.',
      ),
    );
  }
  const { start_date, end_date } = range;
  const found = await listEvents(client, { ...filters, kind: query.kinds, start_date, end_date, limit: 1000 });
  const wanted = query.filters.database ?? [];
  const isWanted = (name: string | null) => wanted.length === 0 || (name !== null && wanted.includes(name));
  return [
    eventsFrame(
      query.refId,
      found.data.filter(({ database_name: name }) => isWanted(name)),
    ),
  ];
}
