import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestCertificates } from '../../support/certificates.ts';
import { testCertificates } from '../../support/certificates.ts';
import type { Encryption, TdsServer } from '../../support/tds/server.ts';
import { startTdsServer } from '../../support/tds/server.ts';
import { until } from '../../support/wait.ts';
import { ownSocket, requireEncryption } from './tedious-guards.ts';
import type { ClientOptions } from './tedious.ts';
import { close, connect, PASSWORD, query, USER } from './tedious.ts';

type Outcome = 'in the clear' | 'encrypted' | { code: string; cause?: string };

let certificates: TestCertificates;
let server: TdsServer;

beforeAll(async () => {
  certificates = await testCertificates();
});

afterEach(async () => {
  await until(() => server.sockets === 0);
  await server.close();
});

async function start(
  encryption: Encryption,
  certificate: 'server' | 'selfSigned' | 'wrongHost' | 'expired' = 'server',
): Promise<void> {
  server = await startTdsServer({
    users: { [USER]: PASSWORD },
    encryption,
    certificate: certificates[certificate],
    handlers: [{ match: 'SELECT 1', answer: { columns: [{ name: 'one', type: 'int' }], rows: [[1]] } }],
  });
}

/** Logs in and asks one statement: how, or why not. */
async function attempt(encrypt: boolean | string, options: Partial<ClientOptions> = {}): Promise<Outcome> {
  const cryptoCredentialsDetails = { ca: certificates.ca };
  try {
    const client = await connect({ port: server.port, encrypt, cryptoCredentialsDetails, ...options });
    expect((await query(client, 'SELECT 1')).rows).toEqual([[1]]);
    await close(client);
  } catch (error) {
    const { code, cause } = error as { code: string; cause?: { code?: string } };
    return { code, ...(cause?.code && { cause: cause.code }) };
  }
  return server.logins[0]?.encrypted ? 'encrypted' : 'in the clear';
}

const HUNG_UP: Outcome = { code: 'ESOCKET', cause: 'ECONNRESET' };

describe('what the two sides make of their wishes', () => {
  test.each<[Encryption, encrypt: boolean | string, Outcome]>([
    ['off', false, 'in the clear'],
    ['off', true, 'in the clear'],
    ['off', 'strict', HUNG_UP],
    ['on', false, 'in the clear'],
    ['on', true, 'encrypted'],
    ['on', 'strict', HUNG_UP],
    ['required', false, { code: 'EENCRYPT' }],
    ['required', true, 'encrypted'],
    ['required', 'strict', HUNG_UP],
    ['strict', false, HUNG_UP],
    ['strict', true, HUNG_UP],
    ['strict', 'strict', 'encrypted'],
    ['stripped', false, 'in the clear'],
    ['stripped', true, 'in the clear'],
    ['stripped', 'strict', HUNG_UP],
  ])('server %s, encrypt %s: %j', async (encryption, encrypt, outcome) => {
    await start(encryption);
    expect(await attempt(encrypt)).toEqual(outcome);
  });
});

describe.each<[Encryption, encrypt: boolean | string]>([
  ['on', true],
  ['strict', 'strict'],
])('under %s, the certificate', (encryption, encrypt) => {
  test.each<[string, Parameters<typeof start>[1], Partial<ClientOptions>, Outcome]>([
    ['counts for the address', 'server', {}, 'encrypted'],
    ['counts for the name', 'server', { serverName: 'localhost' }, 'encrypted'],
    ['nobody signed is refused', 'selfSigned', {}, { code: 'ESOCKET', cause: 'DEPTH_ZERO_SELF_SIGNED_CERT' }],
    ['of another host is refused', 'wrongHost', {}, { code: 'ESOCKET', cause: 'ERR_TLS_CERT_ALTNAME_INVALID' }],
    ['of another host counts for that name', 'wrongHost', { serverName: 'elsewhere.example' }, 'encrypted'],
    ['that has expired is refused', 'expired', {}, { code: 'ESOCKET', cause: 'CERT_HAS_EXPIRED' }],
    [
      'of an unknown authority is refused',
      'server',
      { cryptoCredentialsDetails: {} },
      { code: 'ESOCKET', cause: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    ],
  ])('%s', async (_, certificate, options, outcome) => {
    await start(encryption, certificate);
    expect(await attempt(encrypt, options)).toEqual(outcome);
  });

  test('is trusted blindly on demand, but never under strict', async () => {
    await start(encryption, 'selfSigned');
    const refused = { code: 'ESOCKET', cause: 'DEPTH_ZERO_SELF_SIGNED_CERT' };
    expect(await attempt(encrypt, { trustServerCertificate: true })).toEqual(
      encrypt === 'strict' ? refused : 'encrypted',
    );
  });
});

test.each<[Encryption, encrypt: boolean | string]>([
  ['off', false],
  ['on', true],
  ['strict', 'strict'],
])('a login refused with encryption %s ends the connection', async (encryption, encrypt) => {
  await start(encryption);
  expect(await attempt(encrypt, { password: 'wrong' })).toEqual({ code: 'ELOGIN' });
});

describe('requiring encryption', () => {
  test.each<[Encryption, Outcome]>([
    ['off', { code: 'ESOCKET' }],
    ['stripped', { code: 'ESOCKET' }],
    ['on', 'encrypted'],
    ['required', 'encrypted'],
  ])('of a server with %s: %j, and never a password in the clear', async (encryption, outcome) => {
    await start(encryption);
    const { socket, connector } = ownSocket(server.port);
    requireEncryption(socket);
    expect(await attempt(true, { connector })).toEqual(outcome);
    expect(server.logins.filter(({ encrypted }) => !encrypted)).toEqual([]);
  });
});
