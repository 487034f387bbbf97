import type { BackendSrv, BackendSrvRequest, FetchResponse } from '@grafana/runtime';
import { from, lastValueFrom, type Observable } from 'rxjs';

import { readChoices } from '../choices';

/** Grafana's HTTP client: rejects with objects in the shape of its FetchError. */
export const backendSrv = {
  fetch: <T>(options: BackendSrvRequest): Observable<FetchResponse<T>> => from(send<T>(options)),
  request: <T>(options: BackendSrvRequest) => data<T>(options),
  datasourceRequest: <T>(options: BackendSrvRequest) => lastValueFrom(backendSrv.fetch<T>(options)),
  get: <T>(url: string, params?: Record<string, unknown>) => data<T>({ url, params, method: 'GET' }),
  delete: <T>(url: string, body?: unknown) => data<T>({ url, data: body, method: 'DELETE' }),
  post: <T>(url: string, body?: unknown) => data<T>({ url, data: body, method: 'POST' }),
  patch: <T>(url: string, body?: unknown) => data<T>({ url, data: body, method: 'PATCH' }),
  put: <T>(url: string, body?: unknown) => data<T>({ url, data: body, method: 'PUT' }),
} as unknown as BackendSrv;

async function data<T>(options: BackendSrvRequest): Promise<T> {
  return (await send<T>(options)).data;
}

async function send<T>(config: BackendSrvRequest): Promise<FetchResponse<T>> {
  const url = addressOf(config);
  let response: Response;
  try {
    response = await fetch(url, {
      method: config.method ?? 'GET',
      headers: {
        Accept: 'application/json, text/plain, */*',
        'X-Preview-Role': readChoices().role,
        ...(config.data === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...config.headers,
      },
      ...(config.data === undefined ? {} : { body: JSON.stringify(config.data) }),
      ...(config.abortSignal === undefined ? {} : { signal: config.abortSignal }),
    });
  } catch (error) {
    const isAborted = error instanceof DOMException && error.name === 'AbortError';
    throw {
      type: isAborted ? 'cancelled' : undefined,
      cancelled: isAborted,
      status: isAborted ? -1 : 0,
      statusText: String(error),
      data: { message: String(error) },
      config,
    };
  }
  const body = parse(await response.text(), config.responseType);
  if (!response.ok) {
    throw { status: response.status, statusText: response.statusText, data: body, config, isHandled: false };
  }
  return {
    data: body as T,
    status: response.status,
    statusText: response.statusText,
    ok: response.ok,
    headers: response.headers,
    redirected: response.redirected,
    type: response.type,
    url: response.url,
    config,
  };
}

function addressOf({ url, params }: BackendSrvRequest): string {
  const address = url.startsWith('/') || url.includes('://') ? url : `/${url}`;
  if (params === undefined) return address;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  return query.size === 0 ? address : `${address}${address.includes('?') ? '&' : '?'}${query.toString()}`;
}

function parse(text: string, type: BackendSrvRequest['responseType']): unknown {
  if (type === 'text') {
    // As Grafana does: an error keeps its JSON, and is text where that was asked for.
    return text;
  }
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
