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

export const isUnderWay = (session: Pick<Session, 'status'>) =>
  session.status === 'queued' || session.status === 'running';

/** Looks again for as long as one of the runs it shows is under way. */
export const useSessions = (query: SessionsQuery) =>
  useApi(['collections', query], (client, signal) => listSessions(client, query, signal), {
    keepPrevious: true,
    refetchInterval: (sessions) => sessions?.data.some(isUnderWay) === true && liveMilliseconds,
  });

/** Looks again until the run has ended. */
export const useSession = (id: Session['id']) =>
  useApi(['collections', id], (client, signal) => getSession(client, id, signal), {
    refetchInterval: (session) => session !== undefined && isUnderWay(session) && liveMilliseconds,
  });

/**
 * @param isLive whether the run is under way. How it ended is asked anew when it has: the last look may have been just
 *   before the end.
 */
export const useRecords = (sessionId: Session['id'], query: RecordsQuery = {}, isLive = false) =>
  useApi(
    ['collections', sessionId, 'records', query, isLive],
    (client, signal) => listRecords(client, sessionId, query, signal),
    {
      keepPrevious: true,
      refetchInterval: isLive && liveMilliseconds,
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
