import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hostileNames } from '../../support/fleet-fixtures.ts';
import { addInstances } from '../../support/history.ts';
import { ownerToken, roleToken, startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

describe('what instances can be filtered by', () => {
  let database: TestDatabase;
  let api: HttpApi;

  beforeAll(async () => {
    database = await createTestDatabase();
    api = await startHttpApi(database.pool);
  });
  afterAll(async () => {
    await api.close();
    await database.close();
  });

  const facets = (token = api.admin) => api.read('/facets', token);

  test('of an empty fleet is nothing', async () => {
    expect(await facets()).toEqual({ engines: [], owners: [], labels: {} });
  });

  test('is counted and in order, with instances that are not active', async () => {
    const [, , third = 0] = await addInstances(database.pool, ['one', 'two', 'three', 'four'], (name) => ({
      owner: { one: 'team-b', two: 'team-a', three: 'team-b', four: null }[name] ?? null,
      labels: {
        one: { environment: 'test', tier: '1' },
        two: { environment: 'production' },
        three: { environment: 'test' },
        four: {},
      }[name] as Record<string, string>,
    }));
    await database.pool.query("UPDATE instances SET engine = 'mysql', is_active = false WHERE id = $1", [third]);
    expect(await facets(await roleToken(database.pool, 'viewer'))).toEqual({
      engines: [
        { value: 'mysql', instances: 1 },
        { value: 'postgresql', instances: 3 },
      ],
      owners: [
        { value: 'team-a', instances: 1 },
        { value: 'team-b', instances: 2 },
        { value: null, instances: 1 },
      ],
      labels: { environment: ['production', 'test'], tier: ['1'] },
    });
  });

  test('of an owner is what its own instances have', async () => {
    expect(await facets(await ownerToken(database.pool, 'team-a'))).toEqual({
      engines: [{ value: 'postgresql', instances: 1 }],
      owners: [{ value: 'team-a', instances: 1 }],
      labels: { environment: ['production'] },
    });
    expect(await facets(await ownerToken(database.pool, 'nobody'))).toEqual({ engines: [], owners: [], labels: {} });
  });

  test('comes back as it is, whatever keys and values are made of', async () => {
    const labels = Object.fromEntries(hostileNames.map((name) => [name, name]));
    await addInstances(database.pool, ['hostile'], () => ({ owner: 'hostile', labels }));
    const found = (await facets(await ownerToken(database.pool, 'hostile'))) as { labels: Record<string, string[]> };
    expect(Object.keys(found.labels)).toHaveLength(hostileNames.length);
    for (const name of hostileNames) expect(Object.getOwnPropertyDescriptor(found.labels, name)?.value).toEqual([name]);
  });

  test.each(['/facets?engine=mysql', '/facets?format=csv'])('%s is refused', async (path) => {
    expect((await api.get(`/api/v1${path}`)).status).toBe(400);
  });
});
