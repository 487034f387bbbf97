import { getBackendSrv } from '@grafana/runtime';

import { dataSourceType, dataSourceUid } from '../../constants';

interface StoredDataSource {
  readonly url: string;
  readonly readOnly?: boolean;
  readonly secureJsonFields?: Readonly<Record<string, boolean>>;
}

/** What is told of the data source; its token is never told. */
export async function readDataSource(uid: string) {
  const { url, readOnly, secureJsonFields } = await getBackendSrv().get<StoredDataSource>(
    `/api/datasources/uid/${uid}`,
  );
  return { url, readOnly: readOnly === true, hasToken: secureJsonFields?.apiToken === true };
}

/**
 * Changes the data source of the pages, or makes one.
 * @param token null keeps the one that is stored
 */
export async function saveDataSource(
  uid: string | null,
  { url, token }: { readonly url: string; readonly token: string | null },
): Promise<void> {
  const secrets = token === null ? {} : { secureJsonData: { apiToken: token } };
  if (uid === null) {
    const made = {
      name: 'Tidemark',
      uid: dataSourceUid,
      type: dataSourceType,
      access: 'proxy',
      url,
      jsonData: {},
      ...secrets,
    };
    await getBackendSrv().post('/api/datasources', made);
    return;
  }
  const stored = await getBackendSrv().get<object>(`/api/datasources/uid/${uid}`);
  await getBackendSrv().put(`/api/datasources/uid/${uid}`, { ...stored, url, ...secrets });
}
