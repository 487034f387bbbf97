import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { errorCatalogue } from '../../../exporter/src/errors.ts';
import { addInstance } from '../../support/fleet-fixtures.ts';
import { startHttpApi, type Answer, type HttpApi } from '../../support/http-api.ts';
import { withSeeds } from '../../support/seeded-random.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let api: HttpApi;
let sizes: string;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startHttpApi(database.pool);
  sizes = `/api/v1/instances/${await addInstance(database.pool, 'orders')}/database-sizes`;
});

afterAll(async () => {
  await api.close();
  await database.close();
});

interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly details: unknown };
}

/** The error of an answer, in the one shape that there is. */
function errorOf(answer: Answer): ErrorBody['error'] {
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  const body = answer.json() as ErrorBody;
  expect(body).toEqual({
    error: { code: expect.stringMatching(/^[a-z_]+$/), message: expect.any(String), details: body.error.details },
  });
  expect(errorCatalogue).toHaveProperty([body.error.code, 'status'], answer.status);
  return body.error;
}

describe('a parameter that is wrong', () => {
  test.each([
    ['?start_date=2024-02-30', 'start_date'],
    ['?start_date=2023-02-29', 'start_date'],
    ['?start_date=yesterday', 'start_date'],
    ['?start_date=', 'start_date'],
    ['?start_date=2024-1-1', 'start_date'],
    ['?start_date=20240101', 'start_date'],
    ['?start_date=2024-01-01T00:00:00Z', 'start_date'],
    ['?start_date=%202024-01-01', 'start_date'],
    ['?start_date=0000-01-01', 'start_date'],
    ['?start_date=-infinity', 'start_date'],
    ['?start_date=2024-01-01&start_date=2024-01-02', 'start_date'],
    ['?start_date[]=2024-01-01', 'start_date[]'],
    ['?end_date=2024-13-01', 'end_date'],
    ['?start_date=2024-01-02&end_date=2024-01-01', 'end_date'],
    ['?database_name=', 'database_name'],
    ['?database_name=a&database_name=b', 'database_name'],
    ['?database_name=%00', 'database_name'],
    ['?database_name=a%00b', 'database_name'],
    [`?database_name=${'x'.repeat(256)}`, 'database_name'],
    ['?period_type=monthly', 'period_type'],
    ['?databse_name=shop', 'databse_name'],
    ['?__proto__=x', '__proto__'],
    ['/aggregations', 'period_type'],
    ['/aggregations?period_type=', 'period_type'],
    ['/aggregations?period_type=yearly', 'period_type'],
    ['/aggregations?period_type=Monthly', 'period_type'],
    ['/aggregations?period_type=weekly&period_type=monthly', 'period_type'],
    ['/aggregations?period_type=weekly&start_date=x', 'start_date'],
    ['/aggregations?period_type=weekly&start_date=2024-01-02&end_date=2024-01-01', 'end_date'],
    ['/aggregations?period_type=weekly&database_name=%00', 'database_name'],
    ['/aggregations?period_type=weekly&months=3', 'months'],
    ['/trends', 'period_type'],
    ['/trends?period_type=daily', 'period_type'],
    ['/trends?period_type=weekly&months=0', 'months'],
    ['/trends?period_type=weekly&months=1201', 'months'],
    ['/trends?period_type=weekly&months=-1', 'months'],
    ['/trends?period_type=weekly&months=1.5', 'months'],
    ['/trends?period_type=weekly&months=1e2', 'months'],
    ['/trends?period_type=weekly&months=99999999999999999999', 'months'],
    ['/trends?period_type=weekly&start_date=2024-01-01', 'start_date'],
  ])('%s is 400 and names %s', async (query, field) => {
    const answer = await api.get(`${sizes}${query}`);
    const error = errorOf(answer);
    expect(answer.status).toBe(400);
    expect(error.code).toBe('bad_request');
    expect(error.details).toEqual([{ field, problem: expect.any(String) }]);
    expect(error.message).toContain(field);
  });

  test('that nobody knows is said with those that are known', async () => {
    const error = errorOf(await api.get(`${sizes}/trends?period_type=weekly&nope=1&never=2`));
    const problem = 'is not known: expected period_type, months, format';
    expect(error.details).toEqual([
      { field: 'nope', problem },
      { field: 'never', problem },
    ]);
    expect(error.message).toBe(`nope: ${problem}; never: ${problem}`);
  });

  test.each([
    ['POST', '/api/v1/collections', { nope: 1 }, 'nope', /^is not known: expected instance/],
    ['POST', '/api/v1/collections', [], '', /^expected object$/],
    ['POST', '/api/v1/instances/test', { tls: { mode: 'prefer', nope: 1 } }, 'tls.nope', /^is not known$/],
    ['POST', '/api/v1/instances/test', { tls: 'prefer' }, 'tls', /^expected object$/],
    ['POST', '/api/v1/instances/test', { labels: { '': 'x' } }, 'labels.', /^a key is wrong: .* not empty$/],
  ])('of a body: %s %s %j is said in our words', async (method, path, body, field, problem) => {
    const { details } = errorOf(await api.get(path, { method, body }));
    expect(details).toContainEqual({ field, problem: expect.stringMatching(problem) });
  });

  test('is named with all the others', async () => {
    const error = errorOf(await api.get(`${sizes}/trends?period_type=daily&months=x&colour=red`));
    const fields = (error.details as { field: string }[]).map((detail) => detail.field);
    expect(fields.sort()).toEqual(['colour', 'months', 'period_type']);
  });

  test.each(['?limit=0', '?limit=1001', '?limit=x', '?offset=-1', '?limit=10&limit=20'])(
    'of a list (%s) is 400',
    async (query) => {
      const answer = await api.get(`/api/v1/instances${query}`);
      expect(answer.status).toBe(400);
      expect(errorOf(answer).details).toEqual([
        { field: query.slice(1, query.indexOf('=')), problem: expect.stringContaining('expected a whole number') },
      ]);
    },
  );
});

describe('an instance id', () => {
  test.each(['0', '-1', 'abc', '1.5', '1e3', '2147483648', '99999999999999999999', '%20', "1'--", '%F0%9F%92%A9'])(
    '%s is 400',
    async (id) => {
      const answer = await api.get(`/api/v1/instances/${id}/database-sizes`);
      expect(answer.status).toBe(400);
      expect(errorOf(answer)).toMatchObject({ code: 'bad_request', details: [{ field: 'id' }] });
    },
  );

  test('that cannot be decoded is 400', async () => {
    const answer = await api.get('/api/v1/instances/%zz/database-sizes');
    expect(answer.status).toBe(400);
    expect(errorOf(answer).code).toBe('bad_request');
  });

  test.each(['', '/aggregations?period_type=weekly', '/trends?period_type=weekly'])(
    'that nobody has is 404 (%s)',
    async (path) => {
      const answer = await api.get(`/api/v1/instances/2147483647/database-sizes${path}`);
      expect(answer.status).toBe(404);
      expect(errorOf(answer)).toEqual({
        code: 'not_found',
        message: 'there is no instance 2147483647',
        details: null,
      });
    },
  );
});

describe('a path that is not there', () => {
  test.each(['/nothing', '/api', '/api/v1', '/api/v2/instances', '/api/v1/instances/1/sizes', '/metrics/x', '/..%2f'])(
    '%s is 404',
    async (path) => {
      const answer = await api.get(path);
      expect(answer.status).toBe(404);
      expect(errorOf(answer).code).toBe('not_found');
    },
  );

  test('is 404 with every method', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await api.get('/api/v1/nothing', { method })).status).toBe(404);
    }
  });
});

describe('a method that a path does not take', () => {
  test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s where only reading is offered is 405', async (method) => {
    const answer = await api.get(sizes, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD');
    expect(errorOf(answer)).toEqual({
      code: 'method_not_allowed',
      message: `there is no ${method} ${sizes}: expected GET, HEAD`,
      details: null,
    });
  });

  test.each([
    ['PUT', '/api/v1/instances', 'GET, HEAD, POST'],
    ['PUT', '/api/v1/instances/1', 'DELETE, GET, HEAD, PATCH'],
    ['PUT', '/api/v1/Instances/test/', 'DELETE, GET, HEAD, PATCH, POST'],
    ['GET', '/api/v1/collections/1/cancel', 'POST'],
    ['HEAD', '/api/v1/instances/1/test', 'POST'],
    ['DELETE', '/api/v1/openapi.json', 'GET, HEAD'],
    ['POST', '/', 'GET, HEAD'],
    ['POST', '/livez', 'GET, HEAD'],
    ['DELETE', '/metrics', 'GET, HEAD'],
  ])('%s %s: Allow says %s', async (method, path, allowed) => {
    const answer = await api.get(path, { method });
    expect({ status: answer.status, allow: answer.headers.allow }).toEqual({ status: 405, allow: allowed });
  });

  test('is no matter of HEAD and OPTIONS where there is GET', async () => {
    expect((await api.get(sizes, { method: 'HEAD' })).status).toBe(200);
    const options = await api.get(sizes, { method: 'OPTIONS' });
    expect({ status: options.status, allow: options.headers.allow }).toEqual({ status: 200, allow: 'GET, HEAD' });
  });
});

describe('a fault of ours', () => {
  test('is 500, said to the log and not to the caller', async () => {
    const broken = await createTestDatabase({ empty: true });
    const other = await startHttpApi(broken.pool);
    try {
      const answer = await other.get('/api/v1/instances');
      expect(answer.status).toBe(500);
      expect(errorOf(answer)).toEqual({
        code: 'internal',
        message: expect.stringContaining('the log of the exporter'),
        details: null,
      });
      expect(answer.text).not.toContain('relation');
      expect(other.log()).toContain('relation \\"api_tokens\\" does not exist');
    } finally {
      await other.close();
      await broken.close();
    }
  });
});

describe('a request of any kind', () => {
  test('is never answered with a fault, and always in the shape', async () => {
    const names = [
      'start_date',
      'end_date',
      'database_name',
      'period_type',
      'months',
      'limit',
      'offset',
      'x',
      '',
      '[]',
    ];
    const values = [
      '2024-01-01',
      '9999-12-31',
      '0001-01-01',
      '0000-00-00',
      'weekly',
      'monthly',
      '12',
      '1200',
      '-1',
      '',
      '%00',
      '%',
      '%ff%fe',
      '%ED%A0%80',
      '%0a',
      "'",
      '"',
      '{}',
      '%F0%9F%92%A9',
      'infinity',
      'NaN',
    ];
    const paths = ['', '/aggregations', '/trends'];
    await withSeeds(300, async (random) => {
      const parameters = Array.from(
        { length: random.integer(0, 4) },
        () => `${random.pick(names)}=${random.pick(values)}`,
      );
      const base = random.chance(0.2) ? '/api/v1/instances' : `${sizes}${random.pick(paths)}`;
      const path = `${base}?${parameters.join('&')}`;
      const answer = await api.get(path);
      if (![200, 400].includes(answer.status)) throw new Error(`${path} is ${answer.status}: ${answer.text}`);
      if (answer.status === 400) expect(errorOf(answer).code).toBe('bad_request');
    });
    expect(api.log()).toBe('');
  });
});
