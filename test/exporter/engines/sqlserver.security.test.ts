import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../../exporter/src/config/secret.ts';
import type { TlsOptions } from '../../../exporter/src/config/tls.ts';
import type { EngineSession, Target } from '../../../exporter/src/engines/engine.ts';
import { sqlserver } from '../../../exporter/src/engines/sqlserver.ts';
import { TidemarkError } from '../../../exporter/src/errors.ts';
import type { TestCertificates } from '../../support/certificates.ts';
import { testCertificates } from '../../support/certificates.ts';
import {
  deadlines,
  everything,
  password,
  serve,
  systemDatabases,
  targetOf,
  username,
} from '../../support/sqlserver/instances.ts';
import type { Encryption, TdsServer, TdsServerOptions } from '../../support/tds/server.ts';
import { TdsError } from '../../support/tds/server.ts';
import { until } from '../../support/wait.ts';

type Mode = TlsOptions['mode'];
type CertificateName = 'server' | 'selfSigned' | 'wrongHost' | 'expired';

let certificates: TestCertificates;
const servers: TdsServer[] = [];

beforeAll(async () => {
  certificates = await testCertificates();
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    expect(server.unexpected).toEqual([]);
    await until(() => server.sockets === 0);
    await server.close();
  }
});

async function start(
  encryption: Encryption,
  certificate: CertificateName = 'server',
  options: Partial<TdsServerOptions> = {},
): Promise<TdsServer> {
  const server = await serve(
    { databases: systemDatabases },
    { encryption, certificate: certificates[certificate], ...options },
  );
  servers.push(server);
  return server;
}

/** Writes the PEM files that the options name, for as long as the work takes. */
async function withFiles<T>(work: (file: (name: string, content: string) => string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-tls-'));
  try {
    return await work((name, content) => {
      const path = join(folder, name);
      writeFileSync(path, content, { mode: 0o600 });
      return path;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function connect(server: TdsServer, tls: Partial<TlsOptions>, others: Partial<Target> = {}): Promise<EngineSession> {
  return withFiles((file) =>
    sqlserver.connect(targetOf(server.port, { ca: file('ca.pem', certificates.ca), ...tls }, others), deadlines),
  );
}

/** How the login went: what the session says must be what the server saw. */
async function outcomeOf(server: TdsServer, tls: Partial<TlsOptions>, others: Partial<Target> = {}): Promise<string> {
  try {
    const session = await connect(server, tls, others);
    const { databases } = await session.measure(everything);
    await session.close();
    expect(databases).toHaveLength(4);
    expect(session.remoteAddress).toBe('127.0.0.1');
    expect(server.logins.map((login) => login.encrypted)).toEqual([session.encrypted]);
    return session.encrypted ? 'encrypted' : 'in the clear';
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    expect(error.message).not.toContain(password);
    return error.code;
  }
}

describe('every mode against every server', () => {
  test.each<[Mode, Encryption, outcome: string]>([
    ['disable', 'off', 'in the clear'],
    ['disable', 'on', 'in the clear'],
    ['disable', 'required', 'tls_failed'],
    ['disable', 'strict', 'connection_lost'],
    ['disable', 'stripped', 'in the clear'],
    ['prefer', 'off', 'in the clear'],
    ['prefer', 'on', 'encrypted'],
    ['prefer', 'required', 'encrypted'],
    ['prefer', 'strict', 'encrypted'],
    ['prefer', 'stripped', 'in the clear'],
    ['require', 'off', 'tls_failed'],
    ['require', 'on', 'encrypted'],
    ['require', 'required', 'encrypted'],
    ['require', 'strict', 'encrypted'],
    ['require', 'stripped', 'tls_failed'],
    ['verify-full', 'off', 'tls_failed'],
    ['verify-full', 'on', 'encrypted'],
    ['verify-full', 'required', 'encrypted'],
    ['verify-full', 'strict', 'encrypted'],
    ['verify-full', 'stripped', 'tls_failed'],
  ])('%s, server %s: %s', async (mode, encryption, outcome) => {
    const server = await start(encryption);
    expect(await outcomeOf(server, { mode })).toBe(outcome);
    const mayBePlain = mode === 'disable' || mode === 'prefer';
    if (!mayBePlain) expect(server.logins.filter((login) => !login.encrypted)).toEqual([]);
  });

  test.each<Encryption>(['off', 'stripped'])(
    'require, server %s: not a byte of the login leaves, and the error says what to do',
    async (encryption) => {
      const server = await start(encryption);
      await expect(connect(server, { mode: 'require' })).rejects.toMatchObject({
        message: /does not encrypt, so the login was not sent: switch on TLS on the server/,
      });
      expect(server.logins).toEqual([]);
    },
  );

  test('disable, server required: the error names the mode to set', async () => {
    const server = await start('required');
    await expect(connect(server, { mode: 'disable' })).rejects.toMatchObject({ message: /set tls.mode to prefer/ });
    expect(server.logins).toEqual([]);
  });
});

describe.each<Encryption>(['on', 'strict'])('the certificate of a server with %s', (encryption) => {
  test.each<[CertificateName]>([['server'], ['selfSigned'], ['wrongHost'], ['expired']])(
    '%s: only verify-full looks at it',
    async (certificate) => {
      for (const mode of ['prefer', 'require'] as const) {
        expect(await outcomeOf(await start(encryption, certificate), { mode })).toBe('encrypted');
      }
      const outcome = certificate === 'server' ? 'encrypted' : 'tls_failed';
      expect(await outcomeOf(await start(encryption, certificate), { mode: 'verify-full' })).toBe(outcome);
    },
  );

  test('that is not accepted is an error with the reason and the remedy', async () => {
    const server = await start(encryption, 'selfSigned');
    await expect(connect(server, { mode: 'verify-full' })).rejects.toMatchObject({
      message: /no encrypted connection \(.*self.signed certificate.*\): check the certificate of the server/,
    });
    expect(server.logins).toEqual([]);
  });

  test('of an authority that nobody named is not accepted', async () => {
    const server = await start(encryption);
    const target = targetOf(server.port, { mode: 'verify-full' });
    await expect(sqlserver.connect(target, deadlines)).rejects.toMatchObject({ code: 'tls_failed' });
    expect(server.logins).toEqual([]);
  });

  test('counts for the name, or for the name that is to be expected', async () => {
    const mode = 'verify-full';
    expect(await outcomeOf(await start(encryption), { mode }, { host: 'localhost' })).toBe('encrypted');
    const elsewhere = { mode, server_name: 'elsewhere.example' } as const;
    expect(await outcomeOf(await start(encryption, 'wrongHost'), elsewhere)).toBe('encrypted');
    expect(await outcomeOf(await start(encryption), elsewhere)).toBe('tls_failed');
  });

  test('of the client can be given along', async () => {
    const server = await start(encryption);
    const session = await withFiles((file) => {
      const cert = file('client.pem', certificates.client.cert);
      const key = file('client.key', certificates.client.key);
      return connect(server, { mode: 'require', cert, key });
    });
    await session.close();
    expect(session.encrypted).toBe(true);
  });
});

describe('a login', () => {
  test('that is sent on is protected there as well', async () => {
    const plain = await start('off');
    const gateway = await start('on', 'server', { redirectTo: { host: '127.0.0.1', port: plain.port } });
    await expect(connect(gateway, { mode: 'require' })).rejects.toMatchObject({ code: 'tls_failed' });
    expect(gateway.logins.map(({ encrypted }) => encrypted)).toEqual([true]);
    expect(plain.logins).toEqual([]);
  });

  test('that is sent on to a server in the clear makes the session say so', async () => {
    const plain = await start('off');
    const gateway = await start('on', 'server', { redirectTo: { host: '127.0.0.1', port: plain.port } });
    const session = await connect(gateway, { mode: 'prefer' });
    await session.close();
    expect([session.encrypted, plain.logins[0]?.encrypted]).toEqual([false, false]);
  });

  test('with a wrong password is denied, and tried once', async () => {
    const server = await start('on');
    const wrong = connect(server, { mode: 'require' }, { password: new Secret('wrong') });
    await expect(wrong).rejects.toMatchObject({
      code: 'access_denied',
      message: `127.0.0.1:${server.port}: access denied for ${username}: check user name and password, and that the login is enabled (Login failed for user '${username}'.)`,
    });
    expect(server.logins).toHaveLength(1);
  });

  test('to a database that is not there names the database: the driver tells the last error only', async () => {
    const server = await start('off', 'server', { databases: ['sales'] });
    await expect(connect(server, {}, { database: 'nowhere' })).rejects.toMatchObject({
      code: 'database_unknown',
      message: /the database nowhere does not exist, or tidemark may not open it: run USE \[nowhere\]; CREATE USER/,
    });
    expect(server.logins).toHaveLength(1);
  });

  test.each<[number: number, code: string]>([
    [18470, 'access_denied'],
    [40615, 'access_denied'],
    [17809, 'too_many_connections'],
    [10928, 'too_many_connections'],
    [18401, 'connection_refused'],
    [40613, 'connection_refused'],
    [33333, 'query_failed'],
  ])('refused with %i is %s', async (number, code) => {
    const refusal = new TdsError(number, `Message ${number} of the server.`, { class: 14 });
    const server = await start('off', 'server', { refuseLogin: () => [refusal] });
    await expect(connect(server, {})).rejects.toMatchObject({
      code,
      message: new RegExp(`Message ${number} of the server`),
    });
    expect(server.logins).toHaveLength(1);
  });

  test('without a password sends an empty one', async () => {
    const server = await start('off', 'server', { users: { [username]: '' } });
    const session = await connect(server, {}, { password: null });
    await session.close();
    expect(server.logins).toMatchObject([{ accepted: true }]);
  });
});

test('a file that is not there is an error, and nothing is connected', async () => {
  const server = await start('on');
  await expect(connect(server, { mode: 'verify-full', ca: '/nowhere/ca.pem' })).rejects.toMatchObject({
    code: 'credential_unavailable',
  });
  expect(server.accepted).toBe(0);
});
