import { getDataSourceSrv } from '@grafana/runtime';
import { useQuery } from '@tanstack/react-query';

import { dataSourceType } from '../../constants';
import { TidemarkClient, type Send } from '../client';
import type { TidemarkConnection } from './context';

/** Settings of the app, readable by every viewer. */
export interface AppSettings {
  /** The data source that the pages use; the first of its type unless said. */
  readonly dataSourceUid?: string;
}

/** @returns the uid of the data source that the pages use, null where there is none yet */
export function chosenDataSource(settings: AppSettings | undefined): string | null {
  const sources = getDataSourceSrv()
    .getList({ all: true })
    .filter(({ type }) => type === dataSourceType);
  const chosen = sources.find(({ uid }) => uid === settings?.dataSourceUid) ?? sources[0];
  return chosen?.uid ?? null;
}

/** What the pages need of the data source's class: all requests go through it, and so through Grafana's proxy. */
interface SendingDataSource {
  readonly send: Send;
}

/** Loads the nested data source and makes a client of it. */
export function useConnection(uid: string | null) {
  return useQuery<TidemarkConnection>({
    queryKey: ['connection', uid],
    enabled: uid !== null,
    staleTime: Infinity,
    queryFn: async () => {
      const source = (await getDataSourceSrv().get(uid)) as unknown as Partial<SendingDataSource>;
      if (source.send === undefined) throw new Error(`The data source ${uid} is not one of Tidemark's.`);
      return { client: new TidemarkClient(source.send), dataSourceUid: uid ?? '' };
    },
  });
}
