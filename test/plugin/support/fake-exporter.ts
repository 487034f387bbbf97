import type { ApiAnswer, ApiRequest, Send } from '../../../plugin/src/data';

type Handler = (request: ApiRequest) => ApiAnswer | Promise<ApiAnswer>;

/**
 * Stands where the network is: the class and the pages under test are the real ones, and the whole way to a real
 * exporter is tested in test/browser. Keyed by `METHOD /path` below `/api/v1`; what nobody handles answers 404.
 */
export function fakeExporter(routes: Readonly<Record<string, Handler>>): { send: Send; requests: ApiRequest[] } {
  const requests: ApiRequest[] = [];
  const send: Send = async (request) => {
    requests.push(request);
    const handler = routes[`${request.method} ${request.path.replace('/api/v1', '')}`];
    return (
      (await handler?.(request)) ?? {
        status: 404,
        body: { error: { code: 'not_found', message: `there is no ${request.path}`, details: null } },
      }
    );
  };
  return { send, requests };
}

export const answer = (data: unknown): ApiAnswer => ({ status: 200, body: { data } });

export const page = (data: readonly unknown[], total = data.length): ApiAnswer => ({
  status: 200,
  body: { data, page: { limit: 100, offset: 0, total } },
});

export const refusal = (status: number, code: string, message: string): ApiAnswer => ({
  status,
  body: { error: { code, message, details: null } },
});
