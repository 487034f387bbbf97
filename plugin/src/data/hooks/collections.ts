import type { Paging } from '../common';
import {
  cancelCollection,
  getSession,
  listInstanceRecords,
  listRecords,
  listSessions,
  startCollection,
  type CollectionScope,
  type RecordsQuery,
  type Session,
  type SessionsQuery,
} from '../resources/collections';
import { useApi, useApiMutation } from './useApi';

/** While a run is under way its progress is looked at every two seconds, otherwise not at all. */
const liveMilliseconds = 2000;

interface Live {
  /** True while something is expected to change. */
  readonly live?: boolean;
}

export const isUnderWay = (session: Pick<Session, 'status'>) =>
  session.status === 'queued' || session.status === 'running';

export const useSessions = (query: SessionsQuery, { live = false }: Live = {}) =>
  useApi(['collections', query], (client, signal) => listSessions(client, query, signal), {
    keepPrevious: true,
    refetchInterval: live && liveMilliseconds,
  });

export const useSession = (id: Session['id'], { live = false }: Live = {}) =>
  useApi(['collections', id], (client, signal) => getSession(client, id, signal), {
    refetchInterval: live && liveMilliseconds,
  });

export const useRecords = (sessionId: Session['id'], query: RecordsQuery = {}, { live = false }: Live = {}) =>
  useApi(
    ['collections', sessionId, 'records', query],
    (client, signal) => listRecords(client, sessionId, query, signal),
    {
      keepPrevious: true,
      refetchInterval: live && liveMilliseconds,
    },
  );

export const useInstanceRecords = (instanceId: number, query: Paging = {}) =>
  useApi(
    ['collections', 'instance', instanceId, query],
    (client, signal) => listInstanceRecords(client, instanceId, query, signal),
    { keepPrevious: true },
  );

export const useStartCollection = () =>
  useApiMutation((client, scope: CollectionScope) => startCollection(client, scope), ['collections']);

export const useCancelCollection = () =>
  useApiMutation((client, id: Session['id']) => cancelCollection(client, id), ['collections']);
