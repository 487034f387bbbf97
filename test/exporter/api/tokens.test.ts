import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Secret } from '../../../exporter/src/config/secret.ts';
import type { IssuedToken } from '../../../exporter/src/api/types.ts';
import { startHttpApi, type HttpApi } from '../../support/http-api.ts';
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

beforeEach(() => database.pool.query("DELETE FROM api_tokens WHERE created_by <> 'tests'; TRUNCATE audit_log"));

async function make(body: object): Promise<IssuedToken> {
  const answer = await api.get('/api/v1/tokens', { method: 'POST', body });
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 201 });
  return (answer.json() as { data: IssuedToken }).data;
}

const whoIs = (secret: string | null) => api.get('/api/v1/me', { token: secret === null ? null : new Secret(secret) });

/** The audit log, oldest first. */
async function audited(): Promise<Record<string, unknown>[]> {
  const answer = await api.get('/api/v1/audit');
  return (answer.json() as { data: Record<string, unknown>[] }).data.reverse();
}

describe('a token', () => {
  test('opens the API, says who holds it, and is kept as a digest only', async () => {
    const made = await make({ name: 'grafana', role: 'viewer', expires_at: '2100-01-01T01:00:00+01:00' });
    expect(made).toMatchObject({
      ...{ name: 'grafana', role: 'viewer', owner: null, expires_at: '2100-01-01T00:00:00.000Z' },
      ...{ created_by: expect.stringMatching(/^tests/), last_used_at: null, revoked_at: null },
    });
    expect(made.secret).toMatch(/^tmk_[\w-]{43}$/);
    const answer = await whoIs(made.secret);
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({
      data: { name: 'grafana', role: 'viewer', owner: null, expires_at: '2100-01-01T00:00:00.000Z', timezone: 'UTC' },
    });
    const { rows } = await database.pool.query<{ line: string }>('SELECT t::text AS line FROM api_tokens AS t');
    expect(rows.map((row) => row.line).join()).not.toContain(made.secret.slice(4));
    expect((await api.get('/api/v1/tokens')).text).not.toContain(made.secret.slice(4));
    expect(api.log()).not.toContain(made.secret.slice(4));
  });

  test('is said to be used, at most once a minute', async () => {
    const { id, secret } = await make({ name: 'one', role: 'viewer' });
    const lastUse = async () => {
      const { rows } = await database.pool.query<{ at: Date | null }>(
        'SELECT last_used_at AS at FROM api_tokens WHERE id = $1',
        [id],
      );
      return rows[0]?.at ?? null;
    };
    await whoIs(secret);
    const first = await lastUse();
    expect(Date.now() - (first?.getTime() ?? 0)).toBeLessThan(5_000);
    await whoIs(secret);
    expect(await lastUse()).toEqual(first);
    await database.pool.query("UPDATE api_tokens SET last_used_at = now() - interval '61 seconds' WHERE id = $1", [id]);
    await whoIs(secret);
    expect((await lastUse())?.getTime()).toBeGreaterThan((first?.getTime() ?? 0) - 1);
  });

  test('that is missing, tampered with, truncated, expired or revoked is refused in one shape', async () => {
    const good = await make({ name: 'good', role: 'admin' });
    const revoked = await make({ name: 'revoked', role: 'admin' });
    expect((await api.get(`/api/v1/tokens/${revoked.id}`, { method: 'DELETE' })).status).toBe(204);
    const expired = await make({ name: 'expired', role: 'admin', expires_at: '2100-01-01T00:00:00Z' });
    await database.pool.query('UPDATE api_tokens SET expires_at = now() WHERE id = $1', [expired.id]);
    const flipped = [...Array(good.secret.length).keys()].map((index) => {
      const character = good.secret[index] === 'A' ? 'B' : 'A';
      return good.secret.slice(0, index) + character + good.secret.slice(index + 1);
    });
    const bad = [
      ...[revoked.secret, expired.secret, good.secret.slice(0, -1), `${good.secret}A`, good.secret.slice(1)],
      ...[good.secret.toUpperCase(), 'x', 'x'.repeat(5000), ...flipped],
    ];
    const answers = [await whoIs(null)];
    for (const secret of bad) answers.push(await whoIs(secret));
    for (const authorization of [
      '',
      'Bearer',
      'Bearer ',
      `Basic ${good.secret}`,
      good.secret,
      `Bearer a ${good.secret}`,
    ]) {
      answers.push(await api.get('/api/v1/me', { token: null, headers: { authorization } }));
    }
    const [first] = answers;
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="Tidemark"');
      expect(answer.text).toBe(first?.text);
    }
    expect(first?.json()).toMatchObject({ error: { code: 'unauthorized' } });
    expect((await whoIs(good.secret)).status).toBe(200);
  });

  test('that is wrong costs the same statements as one that is past', async () => {
    const expired = await make({ name: 'past', role: 'admin', expires_at: '2100-01-01T00:00:00Z' });
    await database.pool.query('UPDATE api_tokens SET expires_at = now() WHERE id = $1', [expired.id]);
    const query = jest.spyOn(database.pool, 'query');
    const statements = async (secret: string): Promise<unknown[]> => {
      query.mockClear();
      await whoIs(secret);
      return query.mock.calls.map(([statement]) => statement);
    };
    const past = await statements(expired.secret);
    expect(past).toContainEqual(expect.stringContaining('WHERE digest = $1'));
    expect(await statements(`tmk_${'A'.repeat(43)}`)).toEqual(past);
    expect(await statements(expired.secret.slice(0, 10))).toEqual(past);
    query.mockRestore();
  });
});

describe('POST /tokens', () => {
  test.each([
    [{ role: 'viewer' }, 'name'],
    [{ name: '', role: 'viewer' }, 'name'],
    [{ name: 'a\0b', role: 'viewer' }, 'name'],
    [{ name: 'a', role: 'god' }, 'role'],
    [{ name: 'a', role: 'owner' }, 'owner'],
    [{ name: 'a', role: 'viewer', owner: 'team' }, 'owner'],
    [{ name: 'a', role: 'viewer', expires_at: '2001-01-01T00:00:00Z' }, 'expires_at'],
    [{ name: 'a', role: 'viewer', expires_at: 'soon' }, 'expires_at'],
    [{ name: 'a', role: 'viewer', secret: 'mine' }, 'secret'],
  ])('%j is refused and names %s', async (body, field) => {
    const answer = await api.get('/api/v1/tokens', { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: 'bad_request', details: [{ field }] } });
  });

  test('takes each name once, and again when it is free', async () => {
    const { id } = await make({ name: 'twice', role: 'viewer' });
    const again = await api.get('/api/v1/tokens', { method: 'POST', body: { name: 'twice', role: 'viewer' } });
    expect(again.json()).toMatchObject({ error: { code: 'name_taken' } });
    expect(again.status).toBe(409);
    await api.get(`/api/v1/tokens/${id}`, { method: 'DELETE' });
    await make({ name: 'twice', role: 'viewer' });
  });

  test('and DELETE leave their marks in the audit log, without the secret', async () => {
    const { id, secret } = await make({ name: 'crm', role: 'owner', owner: 'team-crm' });
    await api.get(`/api/v1/tokens/${id}`, { method: 'DELETE' });
    const actor = expect.stringMatching(/^tests/);
    expect(await audited()).toMatchObject([
      {
        ...{ actor, role: 'admin', action: 'create', object_type: 'token', object_id: id, object_name: 'crm' },
        changes: { role: [null, 'owner'], owner: [null, 'team-crm'] },
      },
      {
        actor,
        action: 'revoke',
        object_type: 'token',
        object_id: id,
        changes: { revoked_at: [null, expect.any(String)] },
      },
    ]);
    expect(JSON.stringify(await audited())).not.toContain(secret.slice(4));
  });
});

describe('DELETE /tokens/{id}', () => {
  test('is 404 for one that is not there or revoked already', async () => {
    const { id } = await make({ name: 'short', role: 'viewer' });
    expect((await api.get(`/api/v1/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
    for (const other of [id, 2_147_483_647]) {
      const answer = await api.get(`/api/v1/tokens/${other}`, { method: 'DELETE' });
      expect(answer.status).toBe(404);
    }
  });

  test('keeps the last admin', async () => {
    const { rows } = await database.pool.query<{ id: number }>("SELECT id FROM api_tokens WHERE created_by = 'tests'");
    const answer = await api.get(`/api/v1/tokens/${rows[0]?.id ?? 0}`, { method: 'DELETE' });
    expect(answer.status).toBe(409);
    expect(answer.json()).toMatchObject({ error: { code: 'in_use' } });
    expect((await api.get('/api/v1/me')).status).toBe(200);
    expect(await audited()).toEqual([]);
  });
});
