import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testConnection } from '../../../exporter/src/collection/connection-test.ts';
import { loadConfig } from '../../../exporter/src/config/config.ts';
import { provisionFleet } from '../../../exporter/src/fleet/fleet.ts';
import { addInstance } from '../../support/fleet-fixtures.ts';
import { ownerToken, startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { servers } from '../../support/servers.ts';
import { asSuperuser, createTestDatabase, testDeadlines, type TestDatabase } from '../../support/test-database.ts';
import { describeWithMariadb } from '../../support/with-mariadb.ts';

const role = 'api_connection_test';
let database: TestDatabase;
let api: HttpApi;
let guarded: HttpApi;
let connections = 0;
const listener = createServer((socket) => {
  connections += 1;
  socket.destroy();
});

/** The API of an exporter that does, or does not, test addresses of its own machine. */
async function startApi(allowLocalTargets: boolean): Promise<HttpApi> {
  const config = loadConfig({ TIDEMARK_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') });
  const fleet = await provisionFleet(database.pool, config, null, { FROM_ENVIRONMENT: 'connection test' });
  const context = { fleet, deadlines: testDeadlines, allowLocalTargets };
  return startHttpApi(database.pool, 'UTC', {
    vault: fleet.vault,
    testConnection: (instance, password) => testConnection(instance, context, password),
  });
}

beforeAll(async () => {
  await asSuperuser('postgres', `CREATE ROLE ${role} LOGIN PASSWORD 'connection test'`);
  database = await createTestDatabase();
  api = await startApi(true);
  guarded = await startApi(false);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
});
afterAll(async () => {
  listener.close();
  await api.close();
  await guarded.close();
  await database.close();
  await asSuperuser('postgres', `DROP ROLE ${role}`);
});
beforeEach(() => database.pool.query('TRUNCATE instances, credentials CASCADE'));

const post = async (path: string, body?: unknown, to = api) => {
  const answer = await to.get(`/api/v1${path}`, { method: 'POST', body });
  return { status: answer.status, text: answer.text, ...(answer.json() as { data: never; error: { code: string } }) };
};
const target = () => ({
  ...{ engine: 'postgresql', host: '127.0.0.1', port: servers().postgresql.port, username: role },
});

describe('trying out an instance that is not saved', () => {
  test('says what the server is, how many databases can be measured, and what is missing', async () => {
    const { status, data } = await post('/instances/test', { ...target(), password: 'connection test' });
    expect(status).toBe(200);
    expect(data).toMatchObject({
      server_version: expect.stringMatching(/^PostgreSQL 1\d\./),
      encrypted: false,
      databases: expect.any(Number),
      findings: expect.arrayContaining([
        expect.objectContaining({ code: 'permission_denied', message: expect.stringContaining('GRANT pg_monitor') }),
      ]),
    });
    expect((await database.pool.query('SELECT FROM instances')).rowCount).toBe(0);
    expect((await database.pool.query('SELECT FROM credentials')).rowCount).toBe(0);
  });

  test('takes its password from a reference, or from a login that is kept', async () => {
    expect((await post('/instances/test', { ...target(), secret_reference: 'env:FROM_ENVIRONMENT' })).status).toBe(200);
    const kept = await post('/credentials', { name: 'kept', username: role, password: 'connection test' });
    const { username: _own, ...rest } = target();
    const body = { ...rest, credential_id: (kept.data as { id: number }).id };
    expect((await post('/instances/test', body)).status).toBe(200);
    const unknown = await post('/instances/test', { ...rest, credential_id: 4711 });
    expect(unknown).toMatchObject({ status: 400, error: { details: [{ field: 'credential_id' }] } });
  });

  test.each([
    [{ password: 'wrong' }, 502, 'access_denied'],
    [{ password: 'connection test', database: 'no such database' }, 502, 'database_unknown'],
    [{ password: 'connection test', tls: { mode: 'require' } }, 502, 'tls_failed'],
    [{ secret_reference: 'env:ABSENT' }, 502, 'credential_unavailable'],
    [{ engine: 'db2' }, 400, 'bad_request'],
  ])('%j fails with what the engine says', async (change, status, code) => {
    expect(await post('/instances/test', { ...target(), ...change })).toMatchObject({ status, error: { code } });
  });

  test('a server that hangs up is an error with its code, and the password is in no answer and no log', async () => {
    const { port } = listener.address() as AddressInfo;
    const { status, text } = await post('/instances/test', { ...target(), port, password: 'canary' });
    expect(status).toBe(502);
    expect(text + api.log()).not.toContain('canary');
  });

  test.each([
    ...['127.0.0.1', 'localhost', '127.1', '2130706433', '0x7f.1', '0', '::1', '::ffff:127.0.0.1'],
    ...['169.254.169.254', 'fe80::1', '100.100.100.200', '64:ff9b::7f00:1', 'no-such-host.invalid', '/tmp'],
  ])('the address %s is refused without a connection, saved or not', async (host) => {
    const { port } = listener.address() as AddressInfo;
    const before = connections;
    const unsaved = await post('/instances/test', { ...target(), host, port, password: 'x' }, guarded);
    expect(unsaved).toMatchObject({ status: 400, error: { code: 'target_refused' } });
    const created = await post('/instances', { ...target(), name: 'local', host, port }, guarded);
    const saved = await post(`/instances/${(created.data as { id: number }).id}/test`, undefined, guarded);
    expect(saved.error).toEqual(unsaved.error);
    expect(connections).toBe(before);
  });
});

describe('trying out an instance that is saved', () => {
  test('logs in as it would be measured', async () => {
    const { data } = await post('/instances', { ...target(), name: 'saved', password: 'connection test' });
    const { id } = data as { id: number };
    expect((await post(`/instances/${id}/test`)).status).toBe(200);
    await api.get(`/api/v1/instances/${id}`, { method: 'PATCH', body: { password: 'wrong' } });
    expect(await post(`/instances/${id}/test`)).toMatchObject({ status: 502, error: { code: 'access_denied' } });
    expect((await post('/instances/4711/test')).status).toBe(404);
  });

  test('an owner tries its own', async () => {
    const token = await ownerToken(database.pool, 'team-a');
    const { data } = await post('/instances', {
      ...{ ...target(), name: 'own', owner: 'team-a', password: 'connection test' },
    });
    const foreign = await addInstance(database.pool, 'foreign', { owner: 'team-b' });
    const tried = async (id: number) =>
      (await api.get(`/api/v1/instances/${id}/test`, { method: 'POST', token })).status;
    expect(await tried((data as { id: number }).id)).toBe(200);
    expect(await tried(foreign)).toBe(404);
  });
});

describeWithMariadb('trying out MariaDB', (mariadb) => {
  test('says its version and how many databases it has; a wrong password is an error', async () => {
    const body = { engine: 'mysql', host: '127.0.0.1', port: mariadb.port, username: mariadb.username };
    const { status, data } = await post('/instances/test', { ...body, password: mariadb.password });
    expect(status).toBe(200);
    expect(data).toMatchObject({ server_version: expect.stringContaining('MariaDB'), unmeasured_databases: 0 });
    expect(await post('/instances/test', { ...body, password: 'wrong' })).toMatchObject({
      status: 502,
      error: { code: 'access_denied' },
    });
  });
});
