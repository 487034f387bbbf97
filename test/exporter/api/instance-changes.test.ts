import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { findInstance } from '../../../exporter/src/store/instances.ts';
import { addInstance, addMeasurements, hostileNames, measurement } from '../../support/fleet-fixtures.ts';
import { roleToken, startHttpApi, testVault, type Answer, type HttpApi } from '../../support/http-api.ts';
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
beforeEach(() => database.pool.query('TRUNCATE instances, credentials, collection_sessions, audit_log CASCADE'));

const orders = { name: 'orders', engine: 'postgresql', host: 'db1.example.net', username: 'tidemark' };

interface Body {
  readonly data: Readonly<Record<string, unknown>> & { readonly id: number; readonly credential_id: number };
  readonly error: { readonly code: string; readonly message: string; readonly details: { field: string }[] };
}

const call = async (method: string, path: string, body?: unknown): Promise<Answer & { body_: Body }> => {
  const answer = await api.get(`/api/v1${path}`, { method, body });
  return { ...answer, body_: (answer.text === '' ? {} : answer.json()) as Body };
};

async function create(body: object = {}): Promise<Body['data']> {
  const answer = await call('POST', '/instances', { ...orders, ...body });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return answer.body_.data;
}

/** The password with which the exporter would log in. */
async function passwordOf(id: number): Promise<string | null> {
  const { encryptedSecret } = (await findInstance(database.pool, { id })) ?? {};
  return encryptedSecret == null ? null : testVault.decrypt(encryptedSecret, encryptedSecret.owner).reveal();
}

async function auditRows() {
  const { rows } = await database.pool.query<{ action: string; type: string; changes: Record<string, unknown> }>(
    'SELECT action, object_type AS type, changes FROM audit_log ORDER BY id',
  );
  return rows;
}

describe('adding an instance', () => {
  test('takes everything that tidemark.yaml takes, and answers what is stored', async () => {
    const all = {
      ...{ database: 'shop', port: 5433, owner: 'team-orders', labels: { environment: 'production' } },
      ...{ include: ['app_*'], exclude: ['*_tmp'], estimate_on_timeout: true, quiet_hours: ['08:00-18:00'] },
      active: false,
    };
    const tls = { mode: 'verify-full', ca: '/etc/ca.pem', server_name: 'db1' };
    const created = await create({ ...all, tls, secret_reference: 'env:ORDERS_PASSWORD' });
    expect(created).toMatchObject({
      ...{ ...orders, ...all, source: 'user', total_size_bytes: null, last_collection: null },
      tls: { ...tls, cert: null, key: null },
    });
    expect((await call('GET', `/instances/${created.id}`)).body_.data).toMatchObject(all);
    expect(await findInstance(database.pool, { id: created.id })).toMatchObject({
      secretReference: 'env:ORDERS_PASSWORD',
      encryptedSecret: null,
    });
  });

  test('has the defaults of its engine', async () => {
    for (const [engine, port, name] of [
      ['postgresql', 5432, 'postgres'],
      ['mysql', 3306, 'information_schema'],
      ['sqlserver', 1433, 'master'],
      ['oracle', 1521, ''],
    ] as const) {
      const created = await create({ name: engine, engine });
      expect(created).toMatchObject({ port, active: true, include: ['*'], tls: { mode: 'prefer' } });
      if (name !== '') expect(typeof created.database).toBe('string');
    }
  });

  test('stores a password encrypted, and shows it nowhere', async () => {
    const { id } = await create({ password: 'canary 🐤 in the mine' });
    expect(await passwordOf(id)).toBe('canary 🐤 in the mine');
    for (const path of ['/instances', `/instances/${id}`, '/credentials', '/audit']) {
      expect((await call('GET', path)).text).not.toContain('canary');
    }
    const { rows } = await database.pool.query(
      'SELECT row_to_json(c)::text AS c FROM credentials AS c UNION SELECT row_to_json(a)::text FROM audit_log AS a',
    );
    expect(JSON.stringify(rows)).not.toContain('canary');
    expect(api.log()).not.toContain('canary');
    expect((await auditRows())[0]).toMatchObject({
      action: 'create',
      type: 'instance',
      changes: { name: [null, 'orders'], password: [null, '******'], port: [null, 5432] },
    });
  });

  test('can share a login', async () => {
    const { body_: credential } = await call('POST', '/credentials', {
      name: 'shared',
      username: 'm',
      password: 'word',
    });
    const { username: _own, ...rest } = orders;
    const answer = await call('POST', '/instances', { ...rest, credential_id: credential.data.id });
    expect(answer.body_.data).toMatchObject({ username: 'm', credential_id: credential.data.id });
    expect(await passwordOf(answer.body_.data.id)).toBe('word');
  });

  test('names of any kind come back as they are', async () => {
    for (const name of hostileNames.filter((candidate) => candidate.length <= 100)) {
      // A label of this name is left out by whoever reads JSON with care.
      const label = name === '__proto__' ? 'proto' : name;
      const created = await create({
        ...{ name, owner: name, username: name, password: name, database: name },
        ...{ labels: { [label]: name }, include: [name], exclude: [name] },
      });
      expect(created).toMatchObject({ name, owner: name, username: name, database: name });
      expect(Object.entries(created.labels as object)).toEqual([[label, name]]);
      expect(await passwordOf(created.id)).toBe(name);
    }
  });

  test.each(['h h', '[::1]', 'db1:5432', 'http://db1', 'SERVER\\INSTANCE', ' db1'])(
    'is refused with the host %j, which can be none',
    async (host) => {
      const answer = await call('POST', '/instances', { ...orders, host });
      expect(answer.status).toBe(400);
      expect(answer.text).toContain('host: expected a host name or an IP address');
    },
  );

  test('is refused where the name is taken, by ten at the same time too', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => call('POST', '/instances', orders)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, ...Array<number>(9).fill(409)]);
    expect(answers.find((answer) => answer.status === 409)?.body_.error).toMatchObject({ code: 'name_taken' });
    expect((await database.pool.query('SELECT FROM credentials')).rowCount).toBe(1);
    await addInstance(database.pool, 'provisioned', {}, 'file');
    expect((await call('POST', '/instances', { ...orders, name: 'provisioned' })).status).toBe(409);
  });

  test.each([
    [{ name: '' }, 'name'],
    [{ name: 'x'.repeat(101) }, 'name'],
    [{ name: 'a\u0000b' }, 'name'],
    [{ engine: 'db2' }, 'engine'],
    [{ port: 0 }, 'port'],
    [{ port: '5432' }, 'port'],
    [{ host: 7 }, 'host'],
    [{ username: undefined }, 'username'],
    [{ credential_id: 1 }, 'credential_id'],
    [{ username: undefined, credential_id: 4711 }, 'credential_id'],
    [{ password: 'a', secret_reference: 'env:A' }, 'password'],
    [{ secret_reference: 'plain' }, 'secret_reference'],
    [{ secret_reference: 'env:TIDEMARK_ENCRYPTION_KEY' }, 'secret_reference'],
    [{ secret_reference: 'env:DATABASE_URL' }, 'secret_reference'],
    [{ secret_reference: 'file:/proc/self/environ' }, 'secret_reference'],
    [{ secret_reference: 'file:/./proc/self/environ' }, 'secret_reference'],
    [{ secret_reference: 'file:secrets/a' }, 'secret_reference'],
    [{ tls: { mode: 'sometimes' } }, 'tls.mode'],
    [{ tls: { mode: 'require', ca: 'relative.pem' } }, 'tls.ca'],
    [{ labels: { '': 'x' } }, 'labels.'],
    [{ labels: { a: 1 } }, 'labels.a'],
    [{ include: 'app_*' }, 'include'],
    [{ quiet_hours: ['8-18'] }, 'quiet_hours.0'],
    [{ active: 'yes' }, 'active'],
    [{ surprise: 1 }, 'surprise'],
    [{ id: 7 }, 'id'],
    [{ source: 'file' }, 'source'],
  ])('%j is refused and names %s', async (change, field) => {
    const answer = await call('POST', '/instances', { ...orders, ...change });
    expect([answer.status, answer.body_.error.code]).toEqual([400, 'bad_request']);
    expect(answer.body_.error.details.map((detail) => detail.field)).toContain(field);
    expect((await database.pool.query('SELECT FROM instances')).rowCount).toBe(0);
  });
});

describe('changing an instance', () => {
  test('changes what is given and nothing else, and says so', async () => {
    const before = await create({ owner: 'team-a', labels: { a: '1' }, password: 'word' });
    const { body_ } = await call('PATCH', `/instances/${before.id}`, {
      owner: null,
      active: false,
      labels: { b: '2' },
    });
    const { updated_at: _before, ...same } = before;
    expect(body_.data).toMatchObject({ ...same, owner: null, active: false, labels: { b: '2' } });
    expect(body_.data.labels).toEqual({ b: '2' });
    expect(Date.parse(String(body_.data.updated_at))).toBeGreaterThanOrEqual(Date.parse(String(before.updated_at)));
    expect(await passwordOf(before.id)).toBe('word');
    expect((await auditRows())[1]).toEqual({
      action: 'update',
      type: 'instance',
      changes: { owner: ['team-a', null], active: [true, false], labels: [{ a: '1' }, { b: '2' }] },
    });
  });

  test('keeps its history under another name', async () => {
    const { id } = await create();
    await addMeasurements(database.pool, id, '2024-01-31', [measurement('shop', 1)]);
    await create({ name: 'taken' });
    expect((await call('PATCH', `/instances/${id}`, { name: 'taken' })).body_.error.code).toBe('name_taken');
    expect((await call('PATCH', `/instances/${id}`, { name: 'renamed' })).body_.data).toMatchObject({
      id,
      name: 'renamed',
      total_size_bytes: 1,
    });
    // The old name is free again, with a login of its own.
    const again = await create({ password: 'other' });
    expect(await passwordOf(again.id)).toBe('other');
  });

  test('a new password and a new user name are those of its own login', async () => {
    const { id, credential_id } = await create({ password: 'first' });
    await call('PATCH', `/instances/${id}`, { password: 'second' });
    expect(await passwordOf(id)).toBe('second');
    const { body_ } = await call('PATCH', `/instances/${id}`, { username: 'other' });
    expect(body_.data).toMatchObject({ username: 'other', credential_id });
    expect(await passwordOf(id)).toBe('second');
    await call('PATCH', `/instances/${id}`, { secret_reference: 'file:/run/secrets/a' });
    expect(await passwordOf(id)).toBeNull();
    expect((await auditRows()).map((row) => row.changes).slice(1)).toEqual([
      { password: ['******', '******'] },
      { username: ['tidemark', 'other'] },
      { password: ['******', null], secret_reference: [null, 'file:/run/secrets/a'] },
    ]);
    expect((await database.pool.query('SELECT FROM credentials')).rowCount).toBe(1);
  });

  test('a login that others share is not changed by one of them', async () => {
    const { body_: shared } = await call('POST', '/credentials', { name: 'shared', username: 'm', password: 'word' });
    const { username: _own, ...rest } = orders;
    const share = { ...rest, credential_id: shared.data.id };
    const ids: number[] = [];
    for (const name of ['a', 'b']) ids.push((await call('POST', '/instances', { ...share, name })).body_.data.id);
    const [one = 0, other = 0] = ids;
    const refused = await call('PATCH', `/instances/${one}`, { username: 'own' });
    expect(refused.body_.error.details).toMatchObject([{ field: 'password' }]);
    await call('PATCH', `/instances/${one}`, { username: 'own', password: 'own word' });
    expect([await passwordOf(one), await passwordOf(other)]).toEqual(['own word', 'word']);
    // Back to the shared one: the login of its own goes.
    await call('PATCH', `/instances/${one}`, { credential_id: shared.data.id });
    expect((await database.pool.query('SELECT FROM credentials')).rowCount).toBe(1);
    expect((await call('PATCH', `/instances/${one}`, { credential_id: 4711 })).status).toBe(400);
  });

  test('of somebody else is refused: the file, the embedded repository, the demonstration', async () => {
    for (const source of ['file', 'embedded', 'demonstration'] as const) {
      const id = await addInstance(database.pool, source, {}, source);
      for (const method of ['PATCH', 'DELETE']) {
        const answer = await call(method, `/instances/${id}`, method === 'PATCH' ? { active: false } : undefined);
        expect([answer.status, answer.body_.error.code]).toEqual([409, 'provisioned']);
      }
      expect(await findInstance(database.pool, { id })).toMatchObject({ active: true });
    }
    const [{ id } = { id: 0 }] = (
      await database.pool.query<{ id: number }>("SELECT id FROM instances WHERE source = 'file'")
    ).rows;
    expect((await call('DELETE', `/instances/${id}`)).body_.error.message).toContain('tidemark.yaml');
    expect(await auditRows()).toEqual([]);
  });

  test('without a field, of an unknown id, or to something wrong is refused', async () => {
    const { id } = await create();
    expect((await call('PATCH', `/instances/${id}`, {})).status).toBe(400);
    expect((await call('PATCH', '/instances/4711', { active: true })).status).toBe(404);
    expect((await call('PATCH', `/instances/${id}`, { port: 70_000 })).body_.error.details).toMatchObject([
      { field: 'port' },
    ]);
    expect((await call('DELETE', '/instances/4711')).status).toBe(404);
  });
});

test('removing an instance takes its history and its login along, and is written down', async () => {
  const kept = await create({ name: 'kept' });
  const { id } = await create({ password: 'canary' });
  for (const each of [id, kept.id]) await addMeasurements(database.pool, each, '2024-01-31', [measurement('shop', 1)]);
  const answer = await call('DELETE', `/instances/${id}`);
  expect([answer.status, answer.text]).toEqual([204, '']);
  expect((await call('GET', `/instances/${id}`)).status).toBe(404);
  const { rows } = await database.pool.query<{ instance_id: number }>('SELECT instance_id FROM database_size_stats');
  expect(rows).toEqual([{ instance_id: kept.id }]);
  expect((await database.pool.query('SELECT FROM credentials')).rowCount).toBe(1);
  expect((await auditRows()).at(-1)).toMatchObject({
    action: 'delete',
    changes: { name: ['orders', null], password: ['******', null] },
  });
});

test('only admins change anything', async () => {
  const { id } = await create({ owner: 'team-a' });
  for (const token of [await roleToken(database.pool, 'viewer'), await roleToken(database.pool, 'owner', 'team-a')]) {
    for (const [method, path, body] of [
      ['POST', '/instances', orders],
      ['PATCH', `/instances/${id}`, { active: false }],
      ['DELETE', `/instances/${id}`, undefined],
      ['POST', '/instances/test', orders],
      ['GET', '/credentials', undefined],
      ['POST', '/credentials', { name: 'x', username: 'y' }],
      ['PATCH', '/credentials/1', { username: 'y' }],
      ['DELETE', '/credentials/1', undefined],
    ] as const) {
      expect((await api.get(`/api/v1${path}`, { method, body, token })).status).toBe(403);
    }
  }
  expect(await auditRows()).toHaveLength(1);
});
