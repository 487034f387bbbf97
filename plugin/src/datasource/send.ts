import { getBackendSrv, isFetchError } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';

import { queryString, type Send } from '../data/client';

/**
 * Carries requests through Grafana's data source proxy, which adds the token on the server.
 * @param url of the proxy, as Grafana gives it to the data source
 */
export function proxySend(url: string): Send {
  return async ({ method, path, query, body, accept, signal }) => {
    try {
      const response = await lastValueFrom(
        getBackendSrv().fetch<unknown>({
          method,
          url: `${url}${path}${queryString(query)}`,
          headers: { Accept: accept },
          responseType: accept === 'text/csv' ? 'text' : 'json',
          // Pages and editors show failures where they happened, not in a corner of the window.
          showErrorAlert: false,
          showSuccessAlert: false,
          ...(body === undefined ? {} : { data: body }),
          ...(signal === undefined ? {} : { abortSignal: signal }),
        }),
      );
      return { status: response.status, body: response.data };
    } catch (error) {
      if (!isFetchError(error) || error.cancelled === true) throw error;
      return { status: error.status, body: error.data };
    }
  };
}
