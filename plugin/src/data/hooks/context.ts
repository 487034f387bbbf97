import { createContext, useContext } from 'react';

import type { TidemarkClient } from '../client';

/** The connection that the pages use. */
export interface TidemarkConnection {
  readonly client: TidemarkClient;
  /** Of the data source behind it; part of every cache key. */
  readonly dataSourceUid: string;
}

export const TidemarkContext = createContext<TidemarkConnection | null>(null);

/** @throws Error outside of a page that has a connection */
export function useTidemark(): TidemarkConnection {
  const connection = useContext(TidemarkContext);
  if (connection === null) throw new Error('useTidemark is used outside of TidemarkContext');
  return connection;
}
