import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../../exporter/src/store/audit.ts';
import { createInstance } from '../../../exporter/src/store/instance-changes.ts';
import { listInstances, type InstanceSummary } from '../../../exporter/src/store/instance-list.ts';
import {
  deactivateMissing,
  findInstance,
  listActiveInstances,
  saveInstance,
  saveServerVersion,
} from '../../../exporter/src/store/instances.ts';
import {
  addInstance,
  addMeasurements,
  hostileNames,
  instanceDescription,
  measurement,
} from '../../support/fleet-fixtures.ts';
import { finishInstance, openRun } from '../../support/session-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.close());

beforeEach(() => database.pool.query('TRUNCATE instances, credentials, collection_sessions CASCADE'));

const everything = instanceDescription({
  name: 'orders',
  engine: 'mysql',
  host: 'db1.example.net',
  port: 3307,
  database: 'mysql',
  tls: { mode: 'verify-full', ca: '/etc/ca.pem', server_name: 'db1' },
  owner: 'team-orders',
  labels: { environment: 'production', 'a "b"': "c 'd'" },
  include: ['app_*', '{a,b}', '"quoted"', 'NULL'],
  exclude: ['*_tmp', 'back\\slash'],
  estimateOnTimeout: true,
  active: false,
});

describe('saving an instance', () => {
  test('keeps all that its source says', async () => {
    const id = await saveInstance(database.pool, everything, 'file');
    const stored = {
      ...everything,
      id,
      source: 'file',
      serverVersion: null,
      username: null,
      secretReference: null,
      encryptedSecret: null,
    };
    expect(await findInstance(database.pool, { id })).toEqual(stored);
    expect(await findInstance(database.pool, { name: 'orders' })).toEqual(stored);
  });

  test('again from the same source changes it and keeps its id', async () => {
    const id = await saveInstance(database.pool, everything, 'file');
    const changed = instanceDescription({ name: 'orders', host: 'db2', labels: {}, active: true });
    expect(await saveInstance(database.pool, changed, 'file')).toBe(id);
    expect(await findInstance(database.pool, { id })).toMatchObject(changed);
  });

  test.each(['user', 'embedded'] as const)('of that name from another source (%s) is refused', async (source) => {
    const id = await saveInstance(database.pool, everything, 'file');
    const other = instanceDescription({ name: 'orders', host: 'elsewhere' });
    await expect(saveInstance(database.pool, other, source)).rejects.toMatchObject({
      code: 'name_taken',
      message: expect.stringMatching(/"orders".*choose another name/),
    });
    expect(await findInstance(database.pool, { id })).toMatchObject({ host: 'db1.example.net', source: 'file' });
  });

  test.each(hostileNames)('named %j is found by that name', async (name) => {
    const id = await addInstance(database.pool, name);
    expect(await findInstance(database.pool, { name })).toMatchObject({ id, name });
  });

  test('that is not there finds null', async () => {
    expect(await findInstance(database.pool, { id: 2_000_000_000 })).toBeNull();
    expect(await findInstance(database.pool, { name: 'absent' })).toBeNull();
  });
});

const login = { username: 'tidemark', secret: null };

describe('an instance of a user', () => {
  test('comes with its login, of which only a reference is kept', async () => {
    const id = await createInstance(database.pool, commandLine, everything, {
      username: 'tidemark',
      secret: { reference: 'env:ORDERS_PASSWORD' },
    });
    expect(await findInstance(database.pool, { id })).toMatchObject({
      source: 'user',
      username: 'tidemark',
      secretReference: 'env:ORDERS_PASSWORD',
    });
  });

  test.each(['file', 'user'] as const)(
    'is refused where the name is taken (%s), and leaves no login',
    async (source) => {
      await saveInstance(database.pool, everything, source);
      const adding = createInstance(database.pool, commandLine, everything, login);
      await expect(adding).rejects.toMatchObject({ code: 'name_taken' });
      expect((await database.pool.query('SELECT * FROM credentials')).rows).toEqual([]);
    },
  );

  test('is added once by ten at the same time', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => createInstance(database.pool, commandLine, everything, login)),
    );
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'name_taken' });
    }
  });
});

describe('what a source no longer names', () => {
  test('becomes inactive, and only what has that source', async () => {
    for (const name of ['stays', 'goes']) await addInstance(database.pool, name, {}, 'file');
    await addInstance(database.pool, 'user-owned', {}, 'user');
    await addInstance(database.pool, 'embedded-one', {}, 'embedded');
    await deactivateMissing(database.pool, 'file', ['stays', 'not there yet']);
    const active = await listActiveInstances(database.pool);
    expect(active.map((instance) => instance.name)).toEqual(['embedded-one', 'stays', 'user-owned']);
    await deactivateMissing(database.pool, 'file', []);
    expect(await listActiveInstances(database.pool)).toHaveLength(2);
  });

  test('keeps its history, and is active again when it is named again', async () => {
    const id = await addInstance(database.pool, 'orders', {}, 'file');
    await addMeasurements(database.pool, id, '2024-01-31', [measurement('shop', 1)]);
    await deactivateMissing(database.pool, 'file', []);
    expect(await findInstance(database.pool, { id })).toMatchObject({ active: false });
    expect((await database.pool.query('SELECT 1 FROM database_size_stats')).rowCount).toBe(1);
    expect(await addInstance(database.pool, 'orders', {}, 'file')).toBe(id);
    expect(await findInstance(database.pool, { id })).toMatchObject({ active: true });
  });
});

describe("the server's version", () => {
  test('is kept, and survives a change of the instance', async () => {
    const id = await addInstance(database.pool, 'orders');
    await saveServerVersion(database.pool, id, 'PostgreSQL 18.4');
    await addInstance(database.pool, 'orders', { host: 'db2' });
    expect(await findInstance(database.pool, { id })).toMatchObject({ serverVersion: 'PostgreSQL 18.4', host: 'db2' });
  });
});

describe('the list of instances', () => {
  async function only(): Promise<InstanceSummary | undefined> {
    const { instances } = await listInstances(database.pool, { fleet: { visibleTo: null }, limit: 10, offset: 0 });
    expect(instances).toHaveLength(1);
    return instances[0];
  }

  test('is empty without any', async () => {
    expect(await listInstances(database.pool, { fleet: { visibleTo: null }, limit: 10, offset: 0 })).toEqual({
      instances: [],
      total: 0,
    });
  });

  test('comes by name, a page at a time, with the total', async () => {
    for (const name of ['c', 'a', 'e', 'b', 'd']) await addInstance(database.pool, name, { active: name !== 'b' });
    const page = async (limit: number, offset: number): Promise<[string[], number]> => {
      const { instances, total } = await listInstances(database.pool, { fleet: { visibleTo: null }, limit, offset });
      return [instances.map((instance) => instance.name), total];
    };
    expect(await page(2, 0)).toEqual([['a', 'b'], 5]);
    expect(await page(2, 2)).toEqual([['c', 'd'], 5]);
    expect(await page(2, 4)).toEqual([['e'], 5]);
    expect(await page(2, 5)).toEqual([[], 5]);
    expect(await page(100, 0)).toEqual([['a', 'b', 'c', 'd', 'e'], 5]);
  });

  test('knows no size before the first measurement: null and not 0', async () => {
    await addInstance(database.pool, 'orders');
    expect(await only()).toMatchObject({ totalSizeBytes: null, databaseCount: 0, lastCollection: null });
  });

  test('adds up the databases that are there', async () => {
    const id = await addInstance(database.pool, 'orders');
    const large = Number.MAX_SAFE_INTEGER - 10;
    await addMeasurements(database.pool, id, '2024-01-30', [measurement('a', 1), measurement('gone', 100)]);
    await addMeasurements(database.pool, id, '2024-01-31', [measurement('a', 3), measurement('b', large)]);
    expect(await only()).toMatchObject({ totalSizeBytes: large + 3, databaseCount: 2 });
  });

  test('says how the last collection went', async () => {
    const id = await addInstance(database.pool, 'orders');
    for (const error of [null, { code: 'access_denied', message: 'the password is wrong' }]) {
      await openRun(database.pool, [id]);
      const status = error === null ? 'succeeded' : 'failed';
      const outcome = { status, databasesMeasured: 0, failures: [], warnings: [], error } as const;
      await finishInstance(database.pool, id, outcome);
      const { lastCollection } = (await only()) ?? {};
      expect(lastCollection).toEqual({
        sessionId: expect.any(Number),
        status,
        finishedAt: expect.any(Date),
        errorCode: error?.code ?? null,
        errorMessage: error?.message ?? null,
      });
    }
  });
});
