import { ApiError, errorFrom, proxyCodes } from './error';

type Scalar = string | number | boolean;

/** Parameters of a URL; a list becomes a repeated parameter, undefined and null are left out. */
export type ApiQuery = Readonly<Record<string, Scalar | readonly Scalar[] | null | undefined>>;

/** A request as the API knows it, without saying how it gets there. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the exporter's root, starting with `/api/v1/`. */
  readonly path: string;
  readonly query?: ApiQuery | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly accept: 'application/json' | 'text/csv';
  readonly signal?: AbortSignal | undefined;
}

/** What came back, whatever the status: parsed JSON, or text. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Carries a request to the exporter. Rejects only where no answer came. */
export type Send = (request: ApiRequest) => Promise<ApiAnswer>;

/** The answer of every route that is not a list. */
interface Envelope<T> {
  readonly data: T;
}

/** One page of a table. */
export interface List<T> {
  readonly data: readonly T[];
  readonly page: { readonly limit: number; readonly offset: number; readonly total: number };
}

/**
 * The exporter's REST API. It knows paths, envelopes and errors, and nothing of Grafana: pages use it through the data
 * source, scripts with `fetchSend`.
 */
export class TidemarkClient {
  private readonly send: Send;

  constructor(send: Send) {
    this.send = send;
  }

  /** @throws ApiError */
  async get<T>(path: string, query?: ApiQuery, signal?: AbortSignal): Promise<T> {
    return (await this.json<Envelope<T>>({ method: 'GET', path, query, signal })).data;
  }

  /** A page of a table: the rows and how many there are in all. @throws ApiError */
  async list<T>(path: string, query?: ApiQuery, signal?: AbortSignal): Promise<List<T>> {
    return this.json<List<T>>({ method: 'GET', path, query, signal });
  }

  /** A table as the exporter writes it for spreadsheets: all rows, whatever page is shown. @throws ApiError */
  async csv(path: string, query?: ApiQuery, signal?: AbortSignal): Promise<string> {
    const body = await this.answer({ method: 'GET', path, query, signal, accept: 'text/csv' });
    return typeof body === 'string' ? body : String(body);
  }

  /** @throws ApiError */
  async post<T>(path: string, body: unknown = {}): Promise<T> {
    return (await this.json<Envelope<T>>({ method: 'POST', path, body })).data;
  }

  /** @throws ApiError */
  async patch<T>(path: string, body: unknown): Promise<T> {
    return (await this.json<Envelope<T>>({ method: 'PATCH', path, body })).data;
  }

  /** @throws ApiError */
  async delete(path: string): Promise<void> {
    await this.answer({ method: 'DELETE', path, accept: 'application/json' });
  }

  private async json<T extends { data: unknown }>(request: Omit<ApiRequest, 'accept'>): Promise<T> {
    const body = await this.answer({ ...request, accept: 'application/json' });
    if (typeof body === 'object' && body !== null && 'data' in body) return body as T;
    throw new ApiError({
      code: proxyCodes.unexpected,
      message: 'The URL of the data source does not answer as a Tidemark exporter does. Check the URL.',
      details: null,
      status: 200,
    });
  }

  private async answer(request: ApiRequest): Promise<unknown> {
    const path = request.path.startsWith('/') ? request.path : `/${request.path}`;
    const { status, body } = await this.send({ ...request, path: `/api/v1${path}` });
    if (status >= 200 && status < 300) return body;
    throw errorFrom(status, body);
  }
}

/** `a=1&b=x&b=y`, with a leading question mark where there is anything. */
export function queryString(query: ApiQuery | undefined): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === null || value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as readonly Scalar[]) : [value as Scalar]) {
      parameters.append(name, String(one));
    }
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** Reaches an exporter directly, for scripts and tests outside of Grafana. */
export function fetchSend(url: string, token: string, fetcher: typeof fetch = fetch): Send {
  return async ({ method, path, query, body, accept, signal }) => {
    const response = await fetcher(`${url.replace(/\/$/, '')}${path}${queryString(query)}`, {
      method,
      headers: {
        accept,
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text, response.headers.get('content-type')) };
  };
}

function parsed(text: string, contentType: string | null): unknown {
  if (contentType?.includes('json') !== true) return text;
  return text === '' ? null : JSON.parse(text);
}
