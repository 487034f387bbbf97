import {
  listDatabases,
  listInstanceDatabases,
  type DatabasesQuery,
  type FleetDatabasesQuery,
} from '../resources/databases';
import { listEvents, type EventsQuery } from '../resources/events';
import {
  listForecasts,
  listInstanceForecasts,
  type FleetForecastsQuery,
  type InstanceForecastsQuery,
} from '../resources/forecasts';
import { listGrowth, type GrowthQuery } from '../resources/growth';
import { listSeries, type SeriesQuery } from '../resources/series';
import { useApi } from './useApi';

export const useDatabases = (query: FleetDatabasesQuery) =>
  useApi(['databases', query], (client, signal) => listDatabases(client, query, signal), { keepPrevious: true });

export const useInstanceDatabases = (instanceId: number, query: DatabasesQuery) =>
  useApi(
    ['databases', instanceId, query],
    (client, signal) => listInstanceDatabases(client, instanceId, query, signal),
    { keepPrevious: true },
  );

export const useGrowth = (query: GrowthQuery) =>
  useApi(['growth', query], (client, signal) => listGrowth(client, query, signal), { keepPrevious: true });

export const useSeries = (query: SeriesQuery) =>
  useApi(['series', query], (client, signal) => listSeries(client, query, signal), { keepPrevious: true });

export const useEvents = (query: EventsQuery) =>
  useApi(['events', query], (client, signal) => listEvents(client, query, signal), { keepPrevious: true });

export const useForecasts = (query: FleetForecastsQuery) =>
  useApi(['forecasts', query], (client, signal) => listForecasts(client, query, signal), { keepPrevious: true });

export const useInstanceForecasts = (instanceId: number, query: InstanceForecastsQuery) =>
  useApi(['forecasts', instanceId, query], (client, signal) =>
    listInstanceForecasts(client, instanceId, query, signal),
  );
