import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import oracledb from 'oracledb';
import type { TlsOptions } from '../../../exporter/src/config/tls.ts';
import { oracle } from '../../../exporter/src/engines/oracle.ts';
import { testCertificates, type Certificate, type TestCertificates } from '../../support/certificates.ts';
import { cdb } from '../../support/oracle-fixtures.ts';
import {
  startHandover,
  startPlainListener,
  startRedirector,
  startTlsListener,
  type Front,
} from '../../support/oracle-listeners.ts';
import { startOracle, stopOracle } from '../../support/oracle-server.ts';
import { measure, monitor, targetOf, withSession } from '../../support/oracle-target.ts';
import { testDeadlines } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

let certificates: TestCertificates;
let folder: string;
const fronts: Front[] = [];

beforeAll(async () => {
  certificates = await testCertificates();
  folder = mkdtempSync(join(tmpdir(), 'oracle-tls-'));
});

afterEach(async () => {
  try {
    await until(() => fronts.every((front) => front.open === 0));
    await stopOracle();
  } finally {
    await Promise.all(fronts.splice(0).map((front) => front.close()));
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function inFile(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function inFront(front: Promise<Front>): Promise<Front> {
  fronts.push(await front);
  return await front;
}

/** Connects and says how; the session is closed. */
function reached(port: number, tls: TlsOptions, host = '127.0.0.1') {
  return withSession(targetOf({ port }, { tls, host }), ({ encrypted, remoteAddress }) =>
    Promise.resolve({ encrypted, remoteAddress }),
  );
}

describe('a listener with TLS', () => {
  describe.each(['server', 'selfSigned', 'wrongHost', 'expired'] as const)('and the certificate %s', (kind) => {
    const start = () => startOracle(cdb, { tls: certificates[kind] });

    test.each(['prefer', 'require'] as const)('%s: encrypted, whoever it is', async (mode) => {
      const server = await start();
      expect(await reached(server.port, { mode })).toEqual({ encrypted: true, remoteAddress: '127.0.0.1' });
      expect(server.sessions).toMatchObject([{ encrypted: true, loggedOff: true }]);
    });

    test('verify-full: chain, date and name count', async () => {
      const server = await start();
      const tls: TlsOptions = { mode: 'verify-full', ca: inFile('ca.pem', certificates.ca) };
      if (kind === 'server') {
        expect(await reached(server.port, tls, 'localhost')).toMatchObject({ encrypted: true });
        return;
      }
      await expect(reached(server.port, tls)).rejects.toMatchObject({
        code: 'tls_failed',
        message: expect.stringContaining('check the certificate of the server'),
      });
      expect(server.sessions).toEqual([]);
    });
  });

  test.each(['12.1', '19c', '23ai'] as const)('of %s is measured under verify-full', async (profile) => {
    const server = await startOracle(cdb, { profile, tls: certificates.server });
    const tls: TlsOptions = { mode: 'verify-full', ca: inFile('ca.pem', certificates.ca) };
    expect((await measure(targetOf(server, { tls }))).databases).toHaveLength(3);
  });

  test('verify-full without a CA trusts the roots of the system only', async () => {
    const server = await startOracle(cdb, { tls: certificates.server });
    await expect(reached(server.port, { mode: 'verify-full' })).rejects.toMatchObject({ code: 'tls_failed' });
    expect(server.sessions).toEqual([]);
  });

  test('verify-full against another server name', async () => {
    const server = await startOracle(cdb, { tls: certificates.wrongHost });
    const tls: TlsOptions = { mode: 'verify-full', ca: inFile('ca.pem', certificates.ca) };
    const named = { ...tls, server_name: 'elsewhere.example' };
    expect(await reached(server.port, named)).toMatchObject({ encrypted: true });
    await expect(reached(server.port, { ...tls, server_name: 'other.example' })).rejects.toThrow(
      'check the certificate of the server',
    );
  });

  test('disable: no TLS, so that nobody logs in', async () => {
    const server = await startOracle(cdb, { tls: certificates.server });
    await expect(reached(server.port, { mode: 'disable' })).rejects.toMatchObject({ code: 'connection_lost' });
    expect(server.sessions).toEqual([]);
  });

  test('a client certificate is shown, and asked for', async () => {
    const server = await startOracle(cdb);
    const names: unknown[] = [];
    const { cert, key }: Certificate = certificates.server;
    const asking = { cert, key, ca: certificates.ca, requestCert: true, rejectUnauthorized: true };
    const front = await inFront(
      startTlsListener(server.port, asking, (client) => names.push(client.getPeerCertificate().subject.CN)),
    );
    const tls: TlsOptions = { mode: 'verify-full', ca: inFile('ca.pem', certificates.ca) };
    const own = {
      cert: inFile('cert.pem', certificates.client.cert),
      key: inFile('key.pem', certificates.client.key),
    };
    expect(await reached(front.port, { ...tls, ...own })).toMatchObject({ encrypted: true });
    expect(names).toEqual(['tidemark-client']);
  });

  test('a CA file that is not there is said, and nothing is connected', async () => {
    const server = await startOracle(cdb, { tls: certificates.server });
    const tls: TlsOptions = { mode: 'verify-full', ca: join(folder, 'absent.pem') };
    await expect(reached(server.port, tls)).rejects.toMatchObject({ code: 'credential_unavailable' });
    expect(server.accepted).toBe(0);
  });
});

describe.each(['close', 'reset', 'refuse', 'silence'] as const)('a listener without TLS: %s', (rebuff) => {
  test('prefer: logs in without, and says so', async () => {
    const server = await startOracle(cdb);
    const front = await inFront(startPlainListener(server.port, rebuff));
    expect(await reached(front.port, { mode: 'prefer' })).toEqual({ encrypted: false, remoteAddress: '127.0.0.1' });
    expect(front.accepted).toBe(2);
  });

  test.each(['require', 'verify-full'] as const)('%s: does not log in', async (mode) => {
    const server = await startOracle(cdb);
    const front = await inFront(startPlainListener(server.port, rebuff));
    const message =
      rebuff === 'silence' ? /took longer than 2 s/ : /speaks no TLS on this port .*TCPS has a port of its own/;
    await expect(reached(front.port, { mode })).rejects.toMatchObject({
      code: rebuff === 'silence' ? 'timeout' : 'protocol_error',
      message: expect.stringMatching(message),
    });
    expect(server.accepted).toBe(0);
  });
});

test('a silent listener under prefer: both attempts share the deadline', async () => {
  const front = await inFront(startPlainListener(1, 'silence'));
  const mute = await startOracle(cdb, { faults: [{ at: 'connect', how: 'mute' }] });
  const relay = await inFront(startPlainListener(mute.port, 'silence'));
  const startedAt = Date.now();
  await expect(reached(relay.port, { mode: 'prefer' })).rejects.toMatchObject({ code: 'timeout' });
  expect(Date.now() - startedAt).toBeLessThan(testDeadlines.connect + 500);
  expect(front.accepted).toBe(0);
});

describe('a redirect', () => {
  const address = (protocol: string, port: number): string =>
    `(ADDRESS=(PROTOCOL=${protocol})(HOST=127.0.0.1)(PORT=${port}))`;

  test('is followed', async () => {
    const server = await startOracle(cdb);
    const front = await inFront(startRedirector(address('tcp', server.port)));
    expect(await reached(front.port, { mode: 'disable' })).toMatchObject({ encrypted: false });
    expect(server.sessions).toHaveLength(1);
  });

  test('from TLS to TLS is followed, and verified', async () => {
    const server = await startOracle(cdb, { tls: certificates.server });
    const other = await startOracle(cdb, { tls: certificates.selfSigned });
    const tls: TlsOptions = { mode: 'verify-full', ca: inFile('ca.pem', certificates.ca) };
    const front = await inFront(startRedirector(address('tcps', server.port), certificates.server));
    expect(await reached(front.port, tls)).toMatchObject({ encrypted: true });
    const wrong = await inFront(startRedirector(address('tcps', other.port), certificates.server));
    await expect(reached(wrong.port, tls)).rejects.toThrow('check the certificate of the server');
    expect(other.sessions).toEqual([]);
  });

  test.each(['prefer', 'require', 'verify-full'] as const)('from TLS to no TLS is refused under %s', async (mode) => {
    const server = await startOracle(cdb);
    const front = await inFront(startRedirector(address('tcp', server.port), certificates.server));
    const tls: TlsOptions = { mode, ca: inFile('ca.pem', certificates.ca) };
    await expect(reached(front.port, tls)).rejects.toMatchObject({
      code: 'protocol_error',
      message: expect.stringContaining('redirects to an address without TLS'),
    });
    expect(server.accepted).toBe(0);
  });
});

test.each(['require', 'verify-full'] as const)(
  'a listener that hands over asks for a second handshake: %s',
  async (mode) => {
    const server = await startOracle(cdb);
    const front = await inFront(startHandover(server.port, certificates.server));
    const tls: TlsOptions = { mode, ca: inFile('ca.pem', certificates.ca) };
    expect(await reached(front.port, tls)).toMatchObject({ encrypted: true });
    expect(server.sessions).toHaveLength(1);
  },
);

test('what others connect with the driver keeps its own meaning of TLS', async () => {
  const server = await startOracle(cdb, { tls: certificates.selfSigned });
  await reached(server.port, { mode: 'require' });
  const connectString = `tcps://localhost:${server.port}/FREE`;
  const plain = oracledb.getConnection({ user: monitor.username, password: monitor.password, connectString });
  await expect(plain).rejects.toMatchObject({ code: 'NJS-506' });
  await expect(
    oracle.connect(targetOf(server, { tls: { mode: 'require' } }), testDeadlines).then((s) => s.close()),
  ).resolves.toBeUndefined();
});
