import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createVault } from '../../../exporter/src/fleet/vault.ts';
import { findLogin } from '../../../exporter/src/store/credentials.ts';
import { hostileNames } from '../../support/fleet-fixtures.ts';
import { startHttpApi, testVault, type HttpApi } from '../../support/http-api.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

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
beforeEach(() => database.pool.query('TRUNCATE instances, credentials, audit_log CASCADE'));

interface Credential {
  readonly id: number;
  readonly name: string;
}

const call = async (method: string, path: string, body?: unknown) => {
  const answer = await api.get(`/api/v1/credentials${path}`, { method, body });
  const content = (answer.text === '' ? {} : answer.json()) as {
    data: Credential;
    error: { code: string; message: string; details: unknown };
  };
  return { status: answer.status, text: answer.text, ...content };
};

const create = async (body: object = {}): Promise<Credential> => {
  const answer = await call('POST', '', { name: 'monitor', username: 'tidemark', ...body });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return answer.data;
};

async function passwordOf(id: number): Promise<string | null> {
  const login = await findLogin(database.pool, id);
  return login?.encrypted == null ? null : testVault.decrypt(login.encrypted, login.name).reveal();
}

describe('credentials', () => {
  test('say what kind of secret they have, and never which', async () => {
    const created = await create({ password: 'canary' });
    expect(created).toEqual({
      ...{ id: created.id, name: 'monitor', username: 'tidemark', secret: 'stored', reference: null },
      ...{ dedicated: false, instances: [], created_at: expect.any(String), updated_at: expect.any(String) },
    });
    expect(await create({ name: 'a', secret_reference: 'env:A' })).toMatchObject({
      secret: 'reference',
      reference: 'env:A',
    });
    expect(await create({ name: 'b' })).toMatchObject({ secret: 'none' });
    const list = await api.get('/api/v1/credentials?limit=2');
    expect(list.json()).toMatchObject({
      data: [{ name: 'a' }, { name: 'b' }],
      page: { total: 3, limit: 2, offset: 0 },
    });
    expect((await api.get('/api/v1/credentials?format=csv')).text + list.text).not.toContain('canary');
  });

  test('keep their password under another name, and lose it when they are told to', async () => {
    const { id } = await create({ password: 'word' });
    expect((await call('PATCH', `/${id}`, { name: 'renamed', username: 'other' })).data).toMatchObject({
      name: 'renamed',
      username: 'other',
      secret: 'stored',
    });
    expect(await passwordOf(id)).toBe('word');
    await call('PATCH', `/${id}`, { password: 'new' });
    expect(await passwordOf(id)).toBe('new');
    expect((await call('PATCH', `/${id}`, { password: null })).data).toMatchObject({ secret: 'none' });
    const { rows } = await database.pool.query('SELECT action, changes FROM audit_log ORDER BY id');
    expect(rows).toEqual([
      {
        action: 'create',
        changes: { name: [null, 'monitor'], username: [null, 'tidemark'], password: [null, '******'] },
      },
      { action: 'update', changes: { name: ['monitor', 'renamed'], username: ['tidemark', 'other'] } },
      { action: 'update', changes: { password: ['******', '******'] } },
      { action: 'update', changes: { password: ['******', null] } },
    ]);
  });

  test('in use are kept, and the error names who uses them', async () => {
    const { id } = await create({ password: 'word' });
    const instance = { engine: 'mysql', host: 'db', credential_id: id };
    for (const name of ['b', 'a']) {
      await api.get('/api/v1/instances', { method: 'POST', body: { ...instance, name } });
    }
    const refused = await call('DELETE', `/${id}`);
    expect(refused).toMatchObject({
      status: 409,
      error: { code: 'in_use', message: expect.stringContaining('2 instances'), details: { instances: ['a', 'b'] } },
    });
    expect((await call('GET', '')).data).toMatchObject([{ instances: ['a', 'b'] }]);
    await database.pool.query('DELETE FROM instances');
    expect((await call('DELETE', `/${id}`)).status).toBe(204);
    expect((await call('DELETE', `/${id}`)).status).toBe(404);
  });

  test('are refused where the name is taken, or something is wrong', async () => {
    const { id } = await create();
    await create({ name: 'other' });
    expect(await call('POST', '', { name: 'other', username: 'x' })).toMatchObject({
      status: 409,
      error: { code: 'name_taken' },
    });
    expect(await call('PATCH', `/${id}`, { name: 'other' })).toMatchObject({ error: { code: 'name_taken' } });
    for (const body of [{}, { name: '' }, { dedicated: true }, { password: 'a', secret_reference: 'env:B' }]) {
      expect((await call('PATCH', `/${id}`, body)).status).toBe(400);
    }
    expect((await call('POST', '', { name: 'x' })).error.details).toMatchObject([{ field: 'username' }]);
    expect((await call('PATCH', '/4711', { username: 'x' })).status).toBe(404);
  });

  test('hold names and passwords of any kind', async () => {
    for (const name of hostileNames.filter((candidate) => candidate.length <= 100)) {
      const { id } = await create({ name, username: name, password: name });
      expect(await passwordOf(id)).toBe(name);
    }
  });

  test('need a key to be encrypted with, and say what helps', async () => {
    const other = await startHttpApi(database.pool, 'UTC', { vault: createVault({ encryptionKeys: null }, null) });
    try {
      const answer = await other.get('/api/v1/credentials', {
        method: 'POST',
        body: { name: 'x', username: 'y', password: 'z' },
      });
      expect(answer.status).toBe(500);
      expect(answer.json()).toMatchObject({ error: { code: 'encryption_key_missing' } });
      expect((await database.pool.query('SELECT FROM credentials')).rowCount).toBe(0);
    } finally {
      await other.close();
    }
  });
});
