import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testConnection } from '../../../exporter/src/collection/connection-test.ts';
import { Secret } from '../../../exporter/src/config/secret.ts';
import type { Fleet } from '../../../exporter/src/fleet/fleet.ts';
import { createVault } from '../../../exporter/src/fleet/vault.ts';
import type { Instance } from '../../../exporter/src/store/instances.ts';
import { servers } from '../../support/servers.ts';
import { asSuperuser, testDeadlines } from '../../support/test-database.ts';

const role = 'connection_test_role';
let connections = 0;
const listener = createServer((socket) => {
  connections += 1;
  socket.destroy();
});

beforeAll(async () => {
  await asSuperuser(
    'postgres',
    `CREATE ROLE ${role} LOGIN PASSWORD 'connection test'`,
    'CREATE DATABASE connection_test_hidden',
    'REVOKE CONNECT ON DATABASE connection_test_hidden FROM public',
  );
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
});

afterAll(async () => {
  listener.close();
  await asSuperuser('postgres', 'DROP DATABASE connection_test_hidden', `DROP ROLE ${role}`);
});

function instanceAt(host: string, port: number): Instance {
  return {
    id: 1,
    name: 'tested',
    engine: 'postgresql',
    host,
    port,
    database: 'postgres',
    tls: { mode: 'prefer' },
    owner: null,
    labels: {},
    include: ['*'],
    exclude: [],
    estimateOnTimeout: false,
    quietHours: [],
    active: true,
    source: 'user',
    serverVersion: null,
    username: role,
    secretReference: null,
    encryptedSecret: null,
  };
}

const fleet: Fleet = {
  vault: createVault({ encryptionKeys: null }, null),
  targetOf: (instance) => ({ ...instance, username: role, password: new Secret('connection test') }),
  wantedOn: () => () => true,
};

test('says version, how many databases can be measured, and the GRANT for each that cannot', async () => {
  const context = { fleet, deadlines: testDeadlines, allowLocalTargets: true };
  const result = await testConnection(instanceAt('localhost', servers().postgresql.port), context);
  expect(result.serverVersion).toMatch(/^PostgreSQL 1\d\./);
  expect(result.encrypted).toBe(false);
  expect(result.databases).toBeGreaterThan(0);
  const hidden = result.findings.find((finding) => finding.databaseName === 'connection_test_hidden');
  expect(hidden).toMatchObject({ code: 'permission_denied' });
  expect(hidden?.message).toContain(`GRANT pg_read_all_stats TO "${role}";`);
  expect(result.findings.map((finding) => finding.message).join()).toContain(`GRANT pg_monitor TO "${role}";`);
});

test.each([
  '127.0.0.1',
  'localhost',
  '127.1',
  '2130706433',
  '0x7f.1',
  '0',
  '::1',
  '::ffff:127.0.0.1',
  'no-such-host.invalid',
])('refuses %s with one answer and without a connection', async (host) => {
  const { port } = listener.address() as AddressInfo;
  const before = connections;
  const context = { fleet, deadlines: testDeadlines, allowLocalTargets: false };
  await expect(testConnection(instanceAt(host, port), context)).rejects.toMatchObject({
    code: 'target_refused',
    message: expect.stringMatching(
      /^this host cannot be tested: it does not resolve, or to an address of this machine/,
    ),
  });
  expect(connections).toBe(before);
});
