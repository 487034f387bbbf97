import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accessTable, type Access, type Operation } from '../../../exporter/src/api/access.ts';
import { routes } from '../../../exporter/src/api/routes.ts';
import { startRun } from '../../../exporter/src/collection/start-run.ts';
import type { Secret } from '../../../exporter/src/config/secret.ts';
import { createLogger } from '../../../exporter/src/log.ts';
import { dayIn } from '../../../exporter/src/store/periods.ts';
import { addInstance, addMeasurements, measurement } from '../../support/fleet-fixtures.ts';
import { ownerToken, roleToken, startHttpApi, type Answer, type HttpApi } from '../../support/http-api.ts';
import { queue, requestSession } from '../../support/session-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

/** Who asks, and about whose objects. */
type Asker = 'nobody' | 'viewer' | 'owner of it' | 'owner of something else' | 'admin';

/** What belongs to an owner, made anew for every request: some of them remove it. */
interface Objects {
  readonly instance: number;
  readonly instanceName: string;
  readonly session: number;
  /** Of nobody: only admins see these. */
  readonly token: number;
  readonly credential: number;
}

interface Call {
  readonly path?: (objects: Objects) => string;
  readonly body?: (objects: Objects) => unknown;
  /** What answers 404 to an owner of something else: one object is asked for. Otherwise the answer is without what is foreign. */
  readonly isAboutOne?: boolean;
}

const ofInstance = (rest = '', more: Omit<Call, 'path'> = {}): Call => ({
  path: ({ instance }) => `/instances/${instance}${rest}`,
  isAboutOne: true,
  ...more,
});
const ofSession = (rest = ''): Call => ({ path: ({ session }) => `/collections/${session}${rest}`, isAboutOne: true });
/** The strictest question: for the very instance. */
const aboutInstance = (path: string): Call => ({ path: ({ instance }) => `${path}instance_id=${instance}` });
const login = { engine: 'postgresql', host: 'db.example.net', username: 'tidemark' };

/** A request for every route; one that is missing here does not compile. */
const calls: Readonly<Record<Operation, Call>> = {
  'GET /openapi.json': {},
  'GET /docs': {},
  'GET /docs/{file}': { path: () => '/docs/swagger-ui.css' },
  'GET /me': {},
  'GET /engines': {},
  'GET /facets': {},
  'GET /jobs': {},
  'GET /settings': {},
  'PATCH /settings': { body: () => ({ retention_days: 400 }) },
  'GET /audit': {},
  'GET /tokens': {},
  'POST /tokens': { body: ({ instanceName }) => ({ name: `for ${instanceName}`, role: 'viewer' }) },
  'DELETE /tokens/{id}': { path: ({ token }) => `/tokens/${token}` },
  'GET /instances': aboutInstance('/instances?'),
  'POST /instances': { body: ({ instanceName }) => ({ ...login, name: `beside ${instanceName}` }) },
  'POST /instances/test': { body: () => ({ ...login, name: 'unsaved' }) },
  'GET /instances/{id}': ofInstance(),
  'PATCH /instances/{id}': ofInstance('', { body: () => ({ labels: { tier: '2' } }) }),
  'DELETE /instances/{id}': ofInstance(),
  'GET /instances/{id}/databases': ofInstance('/databases'),
  'POST /instances/{id}/test': ofInstance('/test'),
  'GET /instances/{id}/storage': ofInstance('/storage'),
  'GET /instances/{id}/storage/history': ofInstance('/storage/history?scope=log'),
  'GET /instances/{id}/records': ofInstance('/records'),
  'GET /instances/{id}/forecasts': ofInstance('/forecasts'),
  'GET /instances/{id}/database-sizes': ofInstance('/database-sizes'),
  'GET /instances/{id}/database-sizes/aggregations': ofInstance('/database-sizes/aggregations?period_type=weekly'),
  'GET /instances/{id}/database-sizes/trends': ofInstance('/database-sizes/trends?period_type=weekly'),
  'GET /instances/{id}/database-sizes/changes': ofInstance('/database-sizes/changes'),
  'GET /collections': {},
  'POST /collections': { body: ({ instanceName }) => ({ instance: instanceName }), isAboutOne: true },
  'GET /collections/{id}': ofSession(),
  'GET /collections/{id}/records': ofSession('/records'),
  'POST /collections/{id}/cancel': ofSession('/cancel'),
  'GET /credentials': {},
  'POST /credentials': { body: ({ instanceName }) => ({ name: `of ${instanceName}`, username: 'tidemark' }) },
  'PATCH /credentials/{id}': {
    path: ({ credential }) => `/credentials/${credential}`,
    body: () => ({ username: 'b' }),
  },
  'DELETE /credentials/{id}': { path: ({ credential }) => `/credentials/${credential}` },
  'GET /databases': aboutInstance('/databases?'),
  'GET /growth': aboutInstance('/growth?'),
  'GET /series': aboutInstance('/series?group_by=database&'),
  'GET /events': aboutInstance('/events?'),
  'GET /forecasts': aboutInstance('/forecasts?'),
  'GET /partitions': {},
  'GET /repository': {},
};

/** What the access table means. `found`: the answer that the route declares. */
const outcomes: Readonly<Record<Access, Readonly<Record<Asker, 'found' | 'not there' | 401 | 403>>>> = {
  open: {
    nobody: 'found',
    viewer: 'found',
    'owner of it': 'found',
    'owner of something else': 'found',
    admin: 'found',
  },
  everyone: {
    nobody: 401,
    viewer: 'found',
    'owner of it': 'found',
    'owner of something else': 'not there',
    admin: 'found',
  },
  own: { nobody: 401, viewer: 403, 'owner of it': 'found', 'owner of something else': 'not there', admin: 'found' },
  admin: { nobody: 401, viewer: 403, 'owner of it': 403, 'owner of something else': 403, admin: 'found' },
};

const askers: readonly Asker[] = ['nobody', 'viewer', 'owner of it', 'owner of something else', 'admin'];

describe('the access table', () => {
  let database: TestDatabase;
  let api: HttpApi;
  let tokens: Readonly<Record<Asker, Secret | null>>;
  let made = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    const log = createLogger('silent');
    api = await startHttpApi(database.pool, 'UTC', {
      startCollection: (request) =>
        startRun({ pool: database.pool, queue, log, retries: 0 }, { trigger: 'api', ...request }),
      testConnection: () =>
        Promise.resolve({ serverVersion: '16.4', encrypted: true, databases: 1, unmeasuredDatabases: 0, findings: [] }),
    });
    tokens = {
      nobody: null,
      viewer: await roleToken(database.pool, 'viewer'),
      'owner of it': await ownerToken(database.pool, 'team-a'),
      'owner of something else': await ownerToken(database.pool, 'team-b'),
      admin: api.admin,
    };
    await addInstance(database.pool, 'of team-b', { owner: 'team-b' });
  });
  afterAll(async () => {
    await api.close();
    await database.close();
  });

  const create = async (path: string, body: unknown): Promise<number> => {
    const answer = await api.get(`/api/v1${path}`, { method: 'POST', body });
    expect([answer.status, answer.text]).toEqual([201, answer.text]);
    return (answer.json() as { data: { id: number } }).data.id;
  };

  async function makeObjects(): Promise<Objects> {
    made += 1;
    const instanceName = `secret ${made}`;
    // One run at a time.
    await database.pool.query('DELETE FROM collection_sessions');
    const instance = await addInstance(database.pool, instanceName, { owner: 'team-a', labels: { tier: '1' } });
    await addMeasurements(database.pool, instance, dayIn('UTC', new Date()), [measurement('db', 1_048_576)]);
    const { id: session } = await requestSession(database.pool, [instance]);
    const token = await create('/tokens', { name: instanceName, role: 'viewer' });
    const credential = await create('/credentials', { name: instanceName, username: 'tidemark' });
    return { instance, instanceName, session, token, credential };
  }

  async function ask(operation: Operation, asker: Asker, objects: Objects): Promise<Answer> {
    const [method = '', template = ''] = operation.split(' ');
    const { path, body } = calls[operation];
    const content = body === undefined ? {} : { body: body(objects) };
    return api.get(`/api/v1${path?.(objects) ?? template}`, { method, token: tokens[asker], ...content });
  }

  const cases = (Object.keys(accessTable) as Operation[]).flatMap((operation) =>
    askers.map((asker) => ({ operation, asker, outcome: outcomes[accessTable[operation]][asker] })),
  );

  test.each(cases)('$operation by $asker: $outcome', async ({ operation, asker, outcome }) => {
    const objects = await makeObjects();
    const answer = await ask(operation, asker, objects);
    const route = routes.find((candidate) => candidate.operation === operation);
    const isAboutOne = calls[operation].isAboutOne === true;
    if (typeof outcome === 'number') {
      expect({ status: answer.status, text: answer.text }).toMatchObject({ status: outcome });
      expect(answer.json()).toMatchObject({ error: { code: outcome === 401 ? 'unauthorized' : 'forbidden' } });
    } else if (outcome === 'not there' && isAboutOne) {
      expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 404 });
    } else {
      expect({ status: answer.status, text: answer.text }).toMatchObject({ status: route?.response.status });
    }
    // Whoever is refused learns nothing: neither what there is, nor what it is called.
    const asked = JSON.stringify(calls[operation].body?.(objects) ?? '').includes(objects.instanceName);
    if (outcome !== 'found' && !asked) expect(answer.text).not.toMatch(/secret|team-a/);
  });

  test('an object of somebody else answers exactly like one that nobody has', async () => {
    for (const operation of Object.keys(accessTable) as Operation[]) {
      if (accessTable[operation] === 'admin' || calls[operation].path === undefined) continue;
      if (calls[operation].isAboutOne !== true) continue;
      const objects = await makeObjects();
      const foreign = await ask(operation, 'owner of something else', objects);
      const unknown = await ask(operation, 'owner of something else', {
        ...objects,
        ...{ instance: 2_000_000_001, session: 2_000_000_001 },
      });
      const withoutId = (answer: Answer) => answer.text.replaceAll(/\d+/g, '#');
      expect({ operation, status: foreign.status, text: withoutId(foreign) }).toEqual({
        ...{ operation, status: unknown.status, text: withoutId(unknown) },
      });
    }
  });

  test('what is refused has changed nothing', async () => {
    const objects = await makeObjects();
    const state = async () => {
      const tables = ['instances', 'credentials', 'settings', 'audit_log', 'collection_sessions', 'collection_records'];
      const texts = tables.map((table) => `(SELECT string_agg(t::text, E'\\n' ORDER BY t::text) FROM ${table} AS t)`);
      const { rows } = await database.pool.query<object>(
        `SELECT ${texts.map((text, index) => `${text} AS t${index}`).join()}`,
      );
      return rows;
    };
    const before = await state();
    for (const { operation, asker, outcome } of cases) {
      if (outcome === 'found' || operation.startsWith('GET')) continue;
      await ask(operation, asker, objects);
    }
    expect(await state()).toEqual(before);
  });
});
