import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { openApiDocument } from '../../../exporter/src/api/openapi/document.ts';
import { routes } from '../../../exporter/src/api/routes.ts';
import { startRun } from '../../../exporter/src/collection/start-run.ts';
import { Secret } from '../../../exporter/src/config/secret.ts';
import { createLogger } from '../../../exporter/src/log.ts';
import { aggregate } from '../../../exporter/src/statistics/aggregate.ts';
import { importMeasurements } from '../../../exporter/src/store/import.ts';
import { addDays, dayIn } from '../../../exporter/src/store/periods.ts';
import { counts } from '../../support/counts.ts';
import { hostileNames } from '../../support/fleet-fixtures.ts';
import { addInstances, daysBetween, measurement, testSeed } from '../../support/history.ts';
import { ownerToken, roleToken, startHttpApi, type Answer, type HttpApi } from '../../support/http-api.ts';
import { madeRequests, type MadeRequest, type OpenApiPaths } from '../../support/requests-from-openapi.ts';
import { queue } from '../../support/session-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const seed = testSeed();
const document = openApiDocument(routes) as unknown as OpenApiPaths;
const today = dayIn('UTC', new Date());

let database: TestDatabase;
let api: HttpApi;
let tokens: Readonly<Record<MadeRequest['token'], Secret | null>>;

beforeAll(async () => {
  database = await createTestDatabase();
  const { pool } = database;
  const log = createLogger('silent');
  api = await startHttpApi(pool, 'Europe/Berlin', {
    startCollection: (request) => startRun({ pool, queue, log, retries: 0 }, { trigger: 'api', ...request }),
    testConnection: () =>
      Promise.resolve({ serverVersion: '16.4', encrypted: true, databases: 1, unmeasuredDatabases: 0, findings: [] }),
  });
  tokens = {
    admin: api.admin,
    viewer: await roleToken(pool, 'viewer'),
    owner: await ownerToken(pool, 'team-a'),
    none: null,
    unknown: new Secret(`tmk_${'x'.repeat(43)}`),
  };
  await refill();
  await aggregate(pool, today);
});

afterAll(async () => {
  await api.close();
  await database.close();
});

let added = 0;

/** Some instances with a history, whatever was removed before. */
async function refill(): Promise<void> {
  const { rows } = await database.pool.query('SELECT FROM instances LIMIT 4');
  for (let missing = 4 - rows.length; missing > 0; missing -= 1) {
    added += 1;
    const [id = 0] = await addInstances(database.pool, [`fuzz ${added}`], () => ({
      owner: added % 2 === 0 ? 'team-a' : null,
      labels: { tier: String(added), __proto__: 'x' },
    }));
    const days = daysBetween(addDays(today, -60), today);
    await importMeasurements(
      database.pool,
      days.flatMap((day, index) => [
        measurement(id, 'shop', day, (index + 1) * 10_000_000),
        measurement(id, hostileNames[added % hostileNames.length] ?? '', day, 2 ** 43 + index),
      ]),
    );
  }
}

/** The n-th object that there is of the kind that the path is about. */
async function withKnownIds(path: string): Promise<string> {
  const [, index] = /\{\{(\d+)\}\}/.exec(path) ?? [];
  if (index === undefined) return path;
  const kind = path.split('/')[1] ?? '';
  const table = { collections: 'collection_sessions', tokens: 'api_tokens' }[kind] ?? kind;
  const { rows } = await database.pool.query<{ id: number }>(`SELECT id FROM ${table} ORDER BY id`);
  const id = rows[Number(index) % Math.max(1, rows.length)]?.id ?? 1;
  return path.replaceAll(/\{\{\d+\}\}/g, String(id));
}

const ajv = new Ajv2020({
  strict: false,
  schemas: [{ $id: 'openapi', ...document }],
  formats: { 'date-time': /^\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, date: /^\d{4,6}-\d\d-\d\d$/ },
});
const validators = new Map<string, ValidateFunction>();

/** That of the document, so that what clients are told is what is checked. */
function validatorOf(path: string, method: string, status: number): ValidateFunction | undefined {
  const steps = [
    'paths',
    path,
    method.toLowerCase(),
    'responses',
    String(status),
    'content',
    'application/json',
    'schema',
  ];
  const pointer = steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
  const known = validators.get(pointer) ?? ajv.getSchema(`openapi#/${pointer}`);
  if (known !== undefined) validators.set(pointer, known);
  return known;
}

function check({ operation, method, csv }: MadeRequest, answer: Answer): void {
  const [, path = ''] = operation.split(' ');
  const { status, headers } = answer;
  const type = headers['content-type'] ?? '';
  if (status >= 500) throw new Error(`${status}: ${answer.text}\n${api.log().split('\n').slice(-3).join('\n')}`);
  // An id that makes it another path is answered as a path that is not there, or that does not take the method.
  const declared = document.paths[path]?.[method.toLowerCase()]?.responses[String(status)];
  if (declared === undefined && status !== 404 && status !== 405)
    throw new Error(`${status} is not declared: ${answer.text}`);
  if (type.startsWith('text/csv')) {
    if (!csv && !/format=csv/.test(operation)) expect(status).toBe(200);
    parse(answer.text, { columns: true, relax_column_count: false, record_delimiter: '\r\n' });
    return;
  }
  const validate = validatorOf(path, method, status);
  if (validate === undefined) return;
  if (!validate(answer.json())) {
    throw new Error(`${status} is not as declared: ${JSON.stringify(validate.errors)}\n${answer.text.slice(0, 2000)}`);
  }
}

test(
  `${counts.apiCalls} calls made from the OpenAPI document get an answer that it declares (TEST_SEED=${seed})`,
  async () => {
    const outcomes = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(madeRequests(document), async (made) => {
        const path = await withKnownIds(made.path);
        const answer = await api.get(`/api/v1${path}`, {
          method: made.method,
          token: tokens[made.token],
          headers: made.csv ? { accept: 'text/csv' } : {},
          ...(made.body === null ? {} : { body: made.body }),
        });
        check(made, answer);
        outcomes.set(answer.status, (outcomes.get(answer.status) ?? 0) + 1);
        if (made.method !== 'DELETE' || answer.status !== 204) return;
        // The next calls are to find something, and to be let in.
        await refill();
        await database.pool.query("UPDATE api_tokens SET revoked_at = NULL WHERE name LIKE 'tests %'");
      }),
      { seed, numRuns: counts.apiCalls, endOnFailure: false },
    );
    // Otherwise it was all refused, and nothing was tried.
    expect(outcomes.get(200) ?? 0).toBeGreaterThan(counts.apiCalls / 4);
    expect(outcomes.get(400) ?? 0).toBeGreaterThan(counts.apiCalls / 20);
    expect((await api.get('/api/v1/me')).status).toBe(200);
    const { totalCount, idleCount, waitingCount } = database.pool;
    expect({ checkedOut: totalCount - idleCount, waitingCount }).toEqual({ checkedOut: 0, waitingCount: 0 });
  },
  counts.apiCalls * 500,
);
