import { afterEach, describe, expect, test } from '@jest/globals';
import { testCertificates } from '../../support/certificates.ts';
import type { Stage, TdsServer, TdsServerOptions } from '../../support/tds/server.ts';
import { startTdsServer } from '../../support/tds/server.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../support/wait.ts';
import { ownSocket } from './tedious-guards.ts';
import { close, open, PASSWORD, USER } from './tedious.ts';

/** Time-outs given to the driver; the tests wait for what follows, however late. */
const SHORT = 200;

let server: TdsServer;

afterEach(async () => {
  await until(() => server.sockets === 0);
  expect(server.unexpected).toEqual([]);
  await server.close();
});

async function start(options: Partial<TdsServerOptions> = {}): Promise<TdsServer> {
  server = await startTdsServer({
    users: { [USER]: PASSWORD },
    ...options,
  });
  return server;
}

/** Whether something happens within a moment: for what is to be shown never to happen. */
async function happens(event: Promise<unknown>, within = 3 * SHORT): Promise<boolean> {
  const settled = event.then(
    () => true,
    () => true,
  );
  return Promise.race([settled, pause(within).then(() => false)]);
}

describe('a login', () => {
  const STAGES: Stage[] = ['accept', 'prelogin', 'tls', 'login', 'settings'];

  async function openAt(
    at: Stage,
    as: 'mute' | 'close' | 'reset',
    encryption = at === 'tls',
  ): Promise<ReturnType<typeof open>> {
    const { server: certificate } = await testCertificates();
    await start({ fault: { at, as }, ...(encryption && { encryption: 'on', certificate }) });
    return open({ port: server.port, encrypt: encryption, connectTimeout: SHORT });
  }

  test.each(STAGES)('a server that is mute at %s ends by connectTimeout', async (at) => {
    const client = await openAt(at, 'mute');
    await expect(client.connected).rejects.toMatchObject({ code: 'ETIMEOUT' });
  });

  test.each(STAGES)('a server that closes at %s is a lost connection', async (at) => {
    const client = await openAt(at, 'close');
    await expect(client.connected).rejects.toMatchObject({ code: 'ESOCKET', cause: { code: 'ECONNRESET' } });
  });

  test.each(STAGES)('a server that resets at %s is a lost connection', async (at) => {
    const client = await openAt(at, 'reset');
    await expect(client.connected).rejects.toMatchObject({ code: 'ESOCKET', cause: { code: 'ECONNRESET' } });
  });

  test('a strict server that is mute before TLS ends by connectTimeout', async () => {
    const { server: certificate } = await testCertificates();
    await start({ encryption: 'strict', certificate, fault: { at: 'tls', as: 'mute' } });
    const client = open({ port: server.port, encrypt: 'strict', connectTimeout: SHORT });
    await expect(client.connected).rejects.toMatchObject({ code: 'ETIMEOUT' });
  });

  test.each(['mute', 'close', 'reset'] as const)(
    'half a login reply and then %s: the driver never tells; only a deadline of one’s own ends it',
    async (as) => {
      const client = await openAt('login reply', as);
      expect(await happens(client.connected)).toBe(false);
      expect(server.sockets).toBe(as === 'mute' ? 1 : 0);
      await close(client);
    },
  );

  test('close() ends the socket, but a late connect event still comes', async () => {
    const client = await openAt('login', 'mute');
    await until(() => server.logins.length === 1);
    await close(client);
    await until(() => server.sockets === 0);
    expect(client.errors).toEqual([]);
    await expect(client.connected).rejects.toMatchObject({ code: 'ETIMEOUT' });
  });

  test('close() before the socket is connected does nothing: the login goes through', async () => {
    await start();
    const client = open({ port: server.port });
    await close(client);
    await client.connected;
    expect(server.logins).toMatchObject([{ accepted: true }]);
    await close(client);
  });

  test('a socket of one’s own ends it at any moment, and at once', async () => {
    await start({ fault: { at: 'login', as: 'mute' } });
    const { socket, connector } = ownSocket(server.port);
    const client = open({ port: server.port, connector, connectTimeout: 60_000 });
    await until(() => server.logins.length === 1);
    socket.destroy(new Error('deadline'));
    await expect(client.connected).rejects.toMatchObject({ code: 'ESOCKET', cause: { message: 'deadline' } });
  });
});
