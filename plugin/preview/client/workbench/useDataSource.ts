import type { DataSourceApi } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { useEffect, useState } from 'react';

/** @param uid of the data source; the first one unless said */
export function useDataSource(uid?: string): DataSourceApi | undefined {
  const [source, setSource] = useState<DataSourceApi>();
  useEffect(() => {
    void getDataSourceSrv().get(uid).then(setSource);
  }, [uid]);
  return source;
}
