import { describe, expect, test } from '@jest/globals';

import { ApiError, fetchSend, listInstances, listSeries, queryString, TidemarkClient } from '../../../plugin/src/data';
import { answer, fakeExporter, page, refusal } from '../support/fake-exporter';

test('a query repeats what is a list and leaves out what is not said', () => {
  expect(queryString({ engine: ['mysql', 'oracle'], search: 'a&b', limit: 5, owner: undefined, label: [] })).toBe(
    '?engine=mysql&engine=oracle&search=a%26b&limit=5',
  );
  expect(queryString({})).toBe('');
});

test('a list comes with its page', async () => {
  const { send, requests } = fakeExporter({ 'GET /instances': () => page([{ id: 1 }], 7) });

  const instances = await listInstances(new TidemarkClient(send), { engine: ['mysql'], sort: '-total_size_bytes' });

  expect(instances).toEqual({ data: [{ id: 1 }], page: { limit: 100, offset: 0, total: 7 } });
  expect(requests).toEqual([
    expect.objectContaining({
      method: 'GET',
      path: '/api/v1/instances',
      query: { engine: ['mysql'], sort: '-total_size_bytes' },
    }),
  ]);
});

test('an answer that is not a list comes without its envelope', async () => {
  const { send } = fakeExporter({ 'GET /series': () => answer([{ group: 'mysql' }]) });

  await expect(listSeries(new TidemarkClient(send), {})).resolves.toEqual([{ group: 'mysql' }]);
});

describe('failures', () => {
  const failure = async (status: number, body: unknown) => {
    const client = new TidemarkClient(() => Promise.resolve({ status, body }));
    return client.get('/me').then(
      () => {
        throw new Error('expected a failure');
      },
      (error: unknown) => error as ApiError,
    );
  };

  test("of the exporter keep the exporter's code, message and details", async () => {
    const { status, body } = refusal(409, 'provisioned', 'change it in tidemark.yaml');
    const error = await failure(status, body);

    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 409, code: 'provisioned', message: 'change it in tidemark.yaml' });
  });

  test('of the way there say where to look', async () => {
    await expect(failure(502, { message: 'Bad Gateway' })).resolves.toMatchObject({
      code: 'exporter_unreachable',
      message: expect.stringMatching(/does not answer.*Bad Gateway/),
    });
    await expect(failure(0, null)).resolves.toMatchObject({ code: 'exporter_unreachable' });
    await expect(failure(403, { message: 'plugin proxy route access denied' })).resolves.toMatchObject({
      code: 'refused_by_grafana',
      message: expect.stringMatching(/higher role/),
    });
  });

  test('of somebody else answering say that this is no exporter', async () => {
    await expect(failure(404, '<html>')).resolves.toMatchObject({ code: 'unexpected_answer' });
    await expect(failure(200, '<html>')).resolves.toMatchObject({ code: 'unexpected_answer' });
  });
});

test('scripts reach an exporter directly, with its token', async () => {
  const calls: [string, RequestInit][] = [];
  const fetcher = ((url: string, init: RequestInit) => {
    calls.push([url, init]);
    return Promise.resolve({
      status: 201,
      headers: { get: () => 'application/json; charset=utf-8' },
      text: () => Promise.resolve('{"data":{"id":3}}'),
    });
  }) as unknown as typeof fetch;

  const client = new TidemarkClient(fetchSend('http://localhost:9786/', 'tmk_1', fetcher));

  await expect(client.post('/tokens', { name: 'grafana' })).resolves.toEqual({ id: 3 });
  expect(calls).toEqual([
    [
      'http://localhost:9786/api/v1/tokens',
      expect.objectContaining({
        method: 'POST',
        body: '{"name":"grafana"}',
        headers: expect.objectContaining({ authorization: 'Bearer tmk_1' }),
      }),
    ],
  ]);
});
