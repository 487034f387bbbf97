import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { EngineSession, InstanceMeasurement, SessionDeadlines } from '../../../exporter/src/engines/engine.ts';
import { oracle } from '../../../exporter/src/engines/oracle.ts';
import { testCertificates, type TestCertificates } from '../../support/certificates.ts';
import { startFaultProxy, type FaultProxy } from '../../support/fault-proxy.ts';
import { cdb, expected, redoBytes, reports, root, sales } from '../../support/oracle-fixtures.ts';
import { startOracle, stopOracle } from '../../support/oracle-server.ts';
import { targetOf } from '../../support/oracle-target.ts';
import { testDeadlines } from '../../support/test-database.ts';
import type { Fault, Stage } from '../../support/tns/faults.ts';
import type { TnsServer, TnsServerOptions } from '../../support/tns/server.ts';
import { until } from '../../support/wait.ts';

/** Short, but longer than a busy machine takes to answer. */
const deadlines: SessionDeadlines = { connect: 700, query: 600, close: 200 };

/** How late a deadline may be noticed on a busy machine; the driver's own ones are minutes away, or there is none. */
const LATENESS = 10_000;

let certificates: TestCertificates;
let proxy: FaultProxy | undefined;

beforeAll(async () => {
  certificates = await testCertificates();
});

afterEach(async () => {
  await proxy?.close();
  proxy = undefined;
  await stopOracle();
});

// The driver closes forgotten connections when the garbage collector finds them; if that throws, Jest fails this file.
afterAll(async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  for (let time = 0; time < 3; time += 1) {
    collectGarbage();
    await delay(50);
  }
});

function measure(session: EngineSession): Promise<InstanceMeasurement> {
  return session.measure({ wanted: () => true, estimateOnTimeout: false });
}

/** The whole life of a session. */
async function measureOnce(port: number, secure = false, within = deadlines): Promise<InstanceMeasurement> {
  const tls = { mode: secure ? ('require' as const) : ('disable' as const) };
  const session = await oracle.connect(targetOf({ port }, { tls }), within);
  try {
    return await measure(session);
  } finally {
    await session.close();
  }
}

/** Fails unless every connection is gone from the server's end too. */
async function noSocketIsLeft(server: TnsServer): Promise<void> {
  await until(() => server.sockets === 0);
  expect(server.accepted).toBeGreaterThan(0);
}

/** Milliseconds that something takes, and what it ends with. */
async function timed<T>(work: Promise<T>): Promise<{ error: unknown; value: T | null; milliseconds: number }> {
  const startedAt = performance.now();
  const outcome = await work.then(
    (value) => ({ error: null, value }),
    (error: unknown) => ({ error, value: null }),
  );
  return { ...outcome, milliseconds: performance.now() - startedAt };
}

const loginStages: readonly Stage[] = ['accept', 'connect', 'negotiation', 'authentication', 'logon'];

describe.each([
  ['19c', false],
  ['23ai', false],
  ['19c', true],
] as const)('a server of %s, TLS %s', (profile, secure) => {
  const start = (fault: Fault): Promise<TnsServer> => {
    const options: TnsServerOptions = { profile, faults: [fault], ...(secure ? { tls: certificates.server } : {}) };
    return startOracle(cdb, options);
  };
  // 23ai answers the negotiation together with the challenge.
  const stages = loginStages.filter((stage) => profile !== '23ai' || stage !== 'negotiation');

  test.each(stages.flatMap((at) => [[at, 'mute'] as const, [at, 'truncate'] as const]))(
    'at %s %s: the connection is given up at the deadline, and no socket is left',
    async (at, how) => {
      const server = await start({ at, how });
      const { error, milliseconds } = await timed(measureOnce(server.port, secure));
      expect(error).toMatchObject({ code: 'timeout', message: expect.stringContaining('took longer than 0.7 s') });
      expect(milliseconds).toBeGreaterThan(deadlines.connect - 50);
      expect(milliseconds).toBeLessThan(deadlines.connect + LATENESS);
      await noSocketIsLeft(server);
    },
  );

  test.each(stages.flatMap((at) => [[at, 'close'] as const, [at, 'reset'] as const]))(
    'at %s %s: said at once, and no socket is left',
    async (at, how) => {
      const server = await start({ at, how });
      const { error } = await timed(measureOnce(server.port, secure));
      // An end in the handshake is also what a listener without TLS says.
      const codes = secure && at === 'accept' ? ['protocol_error', 'connection_lost'] : ['connection_lost'];
      expect(codes).toContain((error as { code?: string } | null)?.code);
      await noSocketIsLeft(server);
    },
  );

  test('a login that is answered after the deadline is closed', async () => {
    const server = await start({ at: 'logon', how: 'mute' });
    await expect(measureOnce(server.port, secure)).rejects.toMatchObject({ code: 'timeout' });
    server.heal();
    await noSocketIsLeft(server);
    expect(server.sessions.every(({ open }) => !open)).toBe(true);
  });

  test('mute at the goodbye: closing takes its deadline, and no socket is left', async () => {
    const server = await start({ at: 'logoff', how: 'mute' });
    const { value, milliseconds } = await timed(measureOnce(server.port, secure));
    expect(value?.databases).toHaveLength(3);
    expect(milliseconds).toBeGreaterThan(deadlines.close - 20);
    await noSocketIsLeft(server);
  });

  test.each(['close', 'reset'] as const)('%s at the goodbye is no error', async (how) => {
    const server = await start({ at: 'logoff', how });
    expect((await measureOnce(server.port, secure)).databases).toHaveLength(3);
    await noSocketIsLeft(server);
  });

  test('a connection that is lost while nothing is asked harms nobody', async () => {
    const server = await start({ at: 'other', how: 'mute', after: 99 });
    const tls = { mode: secure ? ('require' as const) : ('disable' as const) };
    const session = await oracle.connect(targetOf(server, { tls }), deadlines);
    await server.close();
    await delay(50);
    await expect(measure(session)).rejects.toMatchObject({ code: 'connection_lost' });
    await session.close();
    await session.close();
  });
});

describe('a statement of the sizes', () => {
  const files = /FROM cdb_data_files$/;

  test('that is canceled in time: the break is answered, and the connection destroyed all the same', async () => {
    const server = await startOracle(cdb, { faults: [{ at: 'execute', how: 'mute', statement: files }] });
    const { error } = await timed(measureOnce(server.port));
    expect(error).toMatchObject({ code: 'timeout' });
    await noSocketIsLeft(server);
  });

  test('whose break is ignored: our own deadline ends it', async () => {
    const server = await startOracle(cdb, {
      faults: [
        { at: 'execute', how: 'mute', statement: files },
        { at: 'break', how: 'mute' },
      ],
    });
    const { error, milliseconds } = await timed(measureOnce(server.port));
    expect(error).toMatchObject({ code: 'timeout', message: expect.stringContaining('took longer than 0.8 s') });
    expect(milliseconds).toBeLessThan(deadlines.query + 2 * deadlines.close + LATENESS);
    server.heal();
    await noSocketIsLeft(server);
  });

  test.each(['close', 'reset', 'truncate'] as const)(
    '%s in the middle: an error, and no socket is left',
    async (how) => {
      const server = await startOracle(cdb, { faults: [{ at: 'execute', how, statement: files }] });
      await expect(measureOnce(server.port)).rejects.toMatchObject({
        code: how === 'truncate' ? 'timeout' : 'connection_lost',
      });
      await noSocketIsLeft(server);
    },
  );
});

describe('a statement that the sizes can do without', () => {
  test.each([
    ['mute', 'timeout'],
    ['reset', 'connection_lost'],
  ] as const)('%s: the sizes are kept, with a warning', async (how, code) => {
    const server = await startOracle(cdb, {
      faults: [{ at: 'execute', how, statement: /FROM cdb_tablespace_usage_metrics$/ }],
    });
    const { databases, warnings } = await measureOnce(server.port);
    const unused = { usedBytes: null };
    expect(databases).toEqual([
      { ...expected(root, redoBytes), ...unused },
      { ...expected(reports, null), ...unused },
      { ...expected(sales, null), ...unused },
    ]);
    expect(warnings[0]).toMatchObject({ databaseName: null, code });
    await noSocketIsLeft(server);
  });

  test('the redo logs: the root is a failure, the others are kept', async () => {
    const server = await startOracle(cdb, { faults: [{ at: 'execute', how: 'reset', statement: /FROM v\$log$/ }] });
    const { databases, failures } = await measureOnce(server.port);
    expect(databases.map(({ databaseName }) => databaseName)).toEqual(['REPORTS', 'SALES']);
    expect(failures).toMatchObject([
      { databaseName: 'CDB$ROOT', code: 'connection_lost' },
      { databaseName: 'CLOSED', code: 'database_unreadable' },
    ]);
    await noSocketIsLeft(server);
  });
});

describe('through a proxy that falls ill', () => {
  test.each([
    ['garbage from the start', { kind: 'garbage', seed: 1 }],
    ['garbage after the listener', { kind: 'garbage', seed: 2, after: 60 }],
    ['garbage during the login', { kind: 'garbage', seed: 3, after: 1500 }],
    ['half-open at once', { kind: 'half-open' }],
    ['half-open in the login', { kind: 'half-open', after: 1500 }],
  ] as const)('%s: an error of ours within the deadlines, and no socket is left', async (_name, mode) => {
    const server = await startOracle(cdb);
    const front = await startFaultProxy({ target: { port: server.port }, mode });
    proxy = front;
    const { error, milliseconds } = await timed(measureOnce(front.port));
    expect(['protocol_error', 'connection_lost', 'timeout']).toContain((error as { code?: string } | null)?.code);
    expect(milliseconds).toBeLessThan(deadlines.connect + deadlines.query + 2 * deadlines.close + LATENESS);
    await until(() => front.connections === 0);
  });

  test.each([{ kind: 'garbage', seed: 4 }, { kind: 'mute' }, { kind: 'half-open' }, { kind: 'reset' }] as const)(
    '$kind once the login is over: an error of ours within the deadlines, and no socket is left',
    async (mode) => {
      const server = await startOracle(cdb);
      const front = await startFaultProxy({ target: { port: server.port } });
      proxy = front;
      const session = await oracle.connect(targetOf(front), deadlines);
      await front.setMode(mode);
      const { error, milliseconds } = await timed(measure(session).finally(() => session.close()));
      expect(['protocol_error', 'connection_lost', 'timeout']).toContain((error as { code?: string } | null)?.code);
      expect(milliseconds).toBeLessThan(deadlines.query + 2 * deadlines.close + LATENESS);
      await until(() => front.connections === 0);
    },
  );

  test('refused', async () => {
    const server = await startOracle(cdb);
    proxy = await startFaultProxy({ target: { port: server.port }, mode: { kind: 'refuse' } });
    await expect(measureOnce(proxy.port)).rejects.toMatchObject({ code: 'connection_refused' });
  });

  test('slow, but fast enough', async () => {
    const server = await startOracle(cdb);
    proxy = await startFaultProxy({ target: { port: server.port }, mode: { kind: 'slow', bytesPerSecond: 100_000 } });
    expect((await measureOnce(proxy.port, false, testDeadlines)).databases).toHaveLength(3);
  });
});
