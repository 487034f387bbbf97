import { getHistory, listChanges, type HistoryQuery } from '../resources/history';
import {
  changeInstance,
  createInstance,
  deleteInstance,
  getInstance,
  listInstances,
  testInstance,
  testNewInstance,
  type InstanceDetailQuery,
  type InstanceInput,
  type InstancesQuery,
} from '../resources/instances';
import { getTrends, listStatistics, type StatisticsQuery, type TrendsQuery } from '../resources/statistics';
import { getStorageHistory, listStorage, type StorageHistoryQuery } from '../resources/storage';
import { useApi, useApiMutation } from './useApi';

export const useInstances = (query: InstancesQuery) =>
  useApi(['instances', query], (client, signal) => listInstances(client, query, signal), { keepPrevious: true });

export const useInstance = (id: number, query: InstanceDetailQuery = {}) =>
  useApi(['instances', id, query], (client, signal) => getInstance(client, id, query, signal));

export const useHistory = (instanceId: number, query: HistoryQuery) =>
  useApi(['history', instanceId, query], (client, signal) => getHistory(client, instanceId, query, signal), {
    keepPrevious: true,
  });

export const useChanges = (instanceId: number, query: HistoryQuery) =>
  useApi(['changes', instanceId, query], (client, signal) => listChanges(client, instanceId, query, signal));

export const useStatistics = (instanceId: number, query: StatisticsQuery) =>
  useApi(['statistics', instanceId, query], (client, signal) => listStatistics(client, instanceId, query, signal), {
    keepPrevious: true,
  });

export const useTrends = (instanceId: number, query: TrendsQuery) =>
  useApi(['trends', instanceId, query], (client, signal) => getTrends(client, instanceId, query, signal), {
    keepPrevious: true,
  });

export const useStorage = (instanceId: number) =>
  useApi(['storage', instanceId], (client, signal) => listStorage(client, instanceId, signal));

export const useStorageHistory = (instanceId: number, query: StorageHistoryQuery) =>
  useApi(['storage', instanceId, query], (client, signal) => getStorageHistory(client, instanceId, query, signal));

const changed = ['instances', 'facets', 'databases', 'growth', 'series', 'credentials'];

export const useCreateInstance = () =>
  useApiMutation((client, instance: InstanceInput) => createInstance(client, instance), changed);

export const useChangeInstance = () =>
  useApiMutation(
    (client, { id, changes }: { id: number; changes: Partial<InstanceInput> }) => changeInstance(client, id, changes),
    changed,
  );

export const useDeleteInstance = () => useApiMutation((client, id: number) => deleteInstance(client, id), changed);

/** Of a saved instance by its id, of one that is being filled in by its content. */
export const useTestInstance = () =>
  useApiMutation(
    (client, instance: number | InstanceInput) =>
      typeof instance === 'number' ? testInstance(client, instance) : testNewInstance(client, instance),
    [],
  );
