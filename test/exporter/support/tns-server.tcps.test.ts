import { afterEach, describe, expect, test } from '@jest/globals';
import { varchar2 } from '../../support/tns/answers.ts';
import { startTnsServer, type TnsServer, type TnsServerOptions } from '../../support/tns/server.ts';
import { captureSockets } from './captured-sockets.ts';
import { codeOf, credentials, logOn, rowsOf, stateAfter, until } from './oracle-client.ts';
import { selfSigned } from './tls-certificates.ts';

const certificate = selfSigned('database.example.test', ['DNS:localhost']);

/**
 * What the driver calls a wallet: it hands the one PEM text to Node as certificate, key and CA alike, so that a CA alone
 * is refused. A key pair that nobody knows in front of the CA makes it a trust store.
 */
const client = selfSigned('nobody');
const wallet = `${client.key}${client.cert}${certificate.cert}`;

let server: TnsServer | undefined;

async function start(options: TnsServerOptions = {}): Promise<TnsServer> {
  server = await startTnsServer({
    users: { [credentials.user]: credentials.password },
    handlers: [{ match: 'SELECT name FROM t', answer: { columns: [varchar2('NAME')], rows: [['größe']] } }],
    tls: certificate,
    ...options,
  });
  return server;
}

afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** The connect string under the name that the certificate holds. */
function byName(running: TnsServer): string {
  return `tcps://localhost:${running.port}/FREEPDB1`;
}

test.each(['12.1', '19c', '23ai'] as const)('a server of %s over TCPS', async (profile) => {
  const running = await start({ profile });
  const connection = await logOn(running, { connectString: byName(running), walletContent: wallet });
  expect(await rowsOf(connection, 'SELECT name FROM t')).toEqual([{ NAME: 'größe' }]);
  expect(running.sessions).toMatchObject([{ encrypted: true }]);
  await connection.close();
  await until(() => running.sockets === 0);
});

describe('the certificate is verified', () => {
  test('against the wallet: without it a private CA is refused', async () => {
    const running = await start();
    const failing = logOn(running, { connectString: byName(running) });
    await expect(failing).rejects.toMatchObject({ code: 'NJS-506', message: expect.stringMatching(/self.signed/) });
    await until(() => running.sockets === 0);
  });

  test('a wallet that is a CA and nothing else cannot be used', async () => {
    const running = await start();
    const failing = logOn(running, { connectString: byName(running), walletContent: certificate.cert });
    expect(await codeOf(failing)).toBe('NJS-505');
    await until(() => running.sockets === 0);
  });

  test('against the host name, unless told not to', async () => {
    const running = await start();
    expect(running.connectString).toMatch(/^tcps:\/\/127\.0\.0\.1:/);
    const failing = logOn(running, { walletContent: wallet });
    await expect(failing).rejects.toMatchObject({ code: 'NJS-506', message: expect.stringContaining('127.0.0.1') });
    await (await logOn(running, { walletContent: wallet, sslServerDNMatch: false })).close();
    await until(() => running.sockets === 0);
  });

  test('or against the whole subject instead of the host name', async () => {
    const running = await start();
    const withSubject = (subject: string): ReturnType<typeof logOn> =>
      logOn(running, { walletContent: wallet, sslServerCertDN: subject });
    await (await withSubject('CN=database.example.test')).close();
    expect(await codeOf(withSubject('CN=other.example.test'))).toBe('NJS-506');
    await until(() => running.sockets === 0);
  });
});

test('a plain client is not understood', async () => {
  const running = await start();
  const failing = logOn(running, { connectString: `localhost:${running.port}/FREEPDB1` });
  expect(['NJS-500', 'NJS-503']).toContain(await codeOf(failing));
  await until(() => running.sockets === 0);
});

test.each(['accept', 'connect', 'authentication', 'logon', 'execute'] as const)(
  'mute at %s: only a deadline of our own ends it, and no socket remains',
  async (at) => {
    const running = await start({ faults: [{ at, how: 'mute' }] });
    const attempt = captureSockets(async () => {
      const connection = await logOn(running, { connectString: byName(running), walletContent: wallet });
      await rowsOf(connection, 'SELECT name FROM t').finally(() => connection.close());
    });
    expect(await stateAfter(attempt.result, 300)).toBe('pending');
    attempt.destroy(new Error('deadline'));
    expect(['NJS-500', 'NJS-506']).toContain(await codeOf(attempt.result));
    await until(() => running.sockets === 0);
  },
);

test('a handshake that was held up goes on late', async () => {
  const running = await start({ faults: [{ at: 'accept', how: 'mute' }] });
  const attempt = logOn(running, { connectString: byName(running), walletContent: wallet });
  expect(await stateAfter(attempt, 300)).toBe('pending');
  running.heal();
  await (await attempt).close();
  await until(() => running.sockets === 0);
});
