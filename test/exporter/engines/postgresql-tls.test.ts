import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { TlsOptions } from '../../../exporter/src/config/tls.ts';
import { giveTo, serverAccount } from '../../../exporter/src/embedded/account.ts';
import { startEmbeddedServer, type EmbeddedServer } from '../../../exporter/src/embedded/server.ts';
import type { EngineSession, Target } from '../../../exporter/src/engines/engine.ts';
import { postgresql } from '../../../exporter/src/engines/postgresql.ts';
import { makeCertificates, type Certificates } from '../../support/certificate-files.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';
import { testDeadlines } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

let folder: TemporaryFolder;
let server: EmbeddedServer;
let files: Certificates;

beforeAll(async () => {
  folder = createTemporaryFolder();
  chmodSync(folder.path, 0o755);
  files = makeCertificates(folder.path, 'IP:127.0.0.1,DNS:db1.example.net');
  giveTo(serverAccount(), files.key);
  server = await startEmbeddedServer(join(folder.path, 'data'), testDeadlines.embedded);
  await asOwner(
    `ALTER SYSTEM SET ssl_cert_file = '${files.certificate}'`,
    `ALTER SYSTEM SET ssl_key_file = '${files.key}'`,
    'ALTER SYSTEM SET ssl = on',
    'SELECT pg_reload_conf()',
  );
  await until(async () => {
    const session = await connect({ mode: 'prefer' });
    await session.close();
    return session.encrypted;
  }, 'the server offers TLS');
});

afterAll(async () => {
  await server.stop();
  folder.remove();
});

async function asOwner(...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: server.url.reveal() });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

function connect(tls: TlsOptions): Promise<EngineSession> {
  const { host, port, username, password } = server;
  const target: Target = { host, port, username, password, database: 'postgres', tls };
  return postgresql.connect(target, testDeadlines);
}

describe('TLS against a server that has it', () => {
  test.each([
    ['disable', false],
    ['prefer', true],
    ['require', true],
  ] as const)('%s: encrypted is %s, whatever the certificate', async (mode, encrypted) => {
    const session = await connect({ mode });
    expect(session.encrypted).toBe(encrypted);
    const measured = await session.measure({ wanted: (name) => name === 'tidemark', estimateOnTimeout: false });
    expect(measured.databases).toHaveLength(1);
    await session.close();
  });

  test.each([
    ['the address', {}],
    ['the name that is set', { server_name: 'db1.example.net' }],
  ])('verify-full accepts a certificate of the CA that is made out to %s', async (_, name) => {
    const session = await connect({ mode: 'verify-full', ca: files.authority, ...name });
    expect(session.encrypted).toBe(true);
    await session.close();
  });

  test('verify-full refuses a CA that nobody knows, and a certificate made out to somebody else', async () => {
    await expect(connect({ mode: 'verify-full' })).rejects.toMatchObject({ code: 'tls_failed' });
    await expect(
      connect({ mode: 'verify-full', ca: files.authority, server_name: 'db2.example.net' }),
    ).rejects.toMatchObject({ code: 'tls_failed' });
  });

  test('a file of tls that is not there is named', async () => {
    const missing = join(folder.path, 'no-such-ca.pem');
    await expect(connect({ mode: 'verify-full', ca: missing })).rejects.toMatchObject({
      code: 'credential_unavailable',
      message: expect.stringContaining(missing) as unknown,
    });
  });
});
