import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer, type AddressInfo } from 'node:net';
import type { EngineSession, InstanceMeasurement, SessionDeadlines } from '../../../exporter/src/engines/engine.ts';
import { sqlserver } from '../../../exporter/src/engines/sqlserver.ts';
import { listFiles, listFilesOfDatabase, listVolumes } from '../../../exporter/src/engines/sqlserver/statements.ts';
import { TidemarkError } from '../../../exporter/src/errors.ts';
import type { TestCertificates } from '../../support/certificates.ts';
import { testCertificates } from '../../support/certificates.ts';
import type { FaultMode, FaultProxy } from '../../support/fault-proxy.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import { everything, serve, systemDatabases, targetOf } from '../../support/sqlserver/instances.ts';
import { handlersFor } from '../../support/sqlserver/model.ts';
import type { Handler, Stage, TdsServer, TdsServerOptions } from '../../support/tds/server.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../support/wait.ts';

/** Short, because the tests wait for them to pass. */
const deadlines: SessionDeadlines = { connect: 400, query: 400, close: 200 };

/** How late a deadline may be noticed on a busy machine; the driver's own ones are further away, or there is none. */
const LATENESS = 10_000;

const model = { databases: systemDatabases };

let certificates: TestCertificates;
let server: TdsServer;
let proxy: FaultProxy | undefined;
const uncaught: unknown[] = [];
const remember = (error: unknown): number => uncaught.push(error);

beforeAll(async () => {
  certificates = await testCertificates();
});

afterEach(async () => {
  // Errors of the driver that nobody listens to come a moment after the end.
  await pause(50);
  process.off('uncaughtException', remember);
  process.off('unhandledRejection', remember);
  expect(uncaught.splice(0)).toEqual([]);
  if (proxy !== undefined) {
    await until(() => proxy?.connections === 0);
    await proxy.close();
    proxy = undefined;
  }
  await until(() => server.sockets === 0);
  await server.close();
});

async function start(options: Partial<TdsServerOptions> = {}): Promise<void> {
  process.on('uncaughtException', remember);
  process.on('unhandledRejection', remember);
  server = await serve(model, { certificate: certificates.server, ...options });
}

/** A server whose answer to one statement is another. */
function answering(statement: string, answer: Handler['answer']): Partial<TdsServerOptions> {
  return { handlers: [{ match: statement, answer }, ...handlersFor(model)] };
}

function connect(port = server.port): Promise<EngineSession> {
  return sqlserver.connect(targetOf(port), deadlines);
}

/** Connects and measures, and leaves in any case, as a run does. */
async function collect(port = server.port): Promise<InstanceMeasurement> {
  const session = await connect(port);
  try {
    return await session.measure(everything);
  } finally {
    await session.close();
  }
}

async function failureOf(work: Promise<unknown>): Promise<TidemarkError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof TidemarkError) return error;
    throw error;
  }
  throw new Error('it should have failed');
}

describe('connecting', () => {
  const stages: Stage[] = ['accept', 'prelogin', 'tls', 'login', 'login reply', 'settings'];

  test.each(stages)('to a server that is mute at %s ends at the deadline, and leaves nothing', async (at) => {
    await start({ encryption: 'on', fault: { at, as: 'mute' } });
    const began = Date.now();
    const error = await failureOf(connect());
    expect(error).toMatchObject({ code: 'timeout', message: /connecting to 127\.0\.0\.1:\d+ took longer than 0\.4 s/ });
    expect(Date.now() - began).toBeLessThan(deadlines.connect + LATENESS);
    await until(() => server.sockets === 0);
  });

  test.each(stages.flatMap((at) => (['close', 'reset'] as const).map((as) => [at, as] as const)))(
    'to a server that fails at %s with %s is a lost connection, at once',
    async (at, as) => {
      await start({ encryption: 'on', fault: { at, as } });
      expect(await failureOf(connect())).toMatchObject({
        code: 'connection_lost',
        message: /^127\.0\.0\.1:\d+: the server closed the connection/,
      });
    },
  );

  test.each([-1, 0, 8, 511, 32_768, NaN])('to a server that sets packets of %d bytes is an error', async (size) => {
    await start({ announcedPacketSize: size });
    expect(await failureOf(connect())).toMatchObject({
      code: 'protocol_error',
      message: expect.stringContaining(`the server sets packets of ${size} bytes`),
    });
  });

  test('where nobody listens is refused', async () => {
    await start();
    proxy = await startFaultProxy({ target: server, mode: { kind: 'refuse' } });
    expect(await failureOf(connect(proxy.port))).toMatchObject({ code: 'connection_refused' });
  });

  test('to a name that does not resolve is an unknown host', async () => {
    await start();
    const target = targetOf(server.port, {}, { host: 'no-such-host.invalid' });
    expect((await failureOf(sqlserver.connect(target, deadlines))).code).toMatch(/^(host_unknown|timeout)$/);
  });

  test.each<[string, FaultMode]>([
    ['mute', { kind: 'mute' }],
    ['half-open', { kind: 'half-open', after: 20 }],
    ['slow', { kind: 'slow', bytesPerSecond: 50 }],
  ])('through a network that is %s ends at the deadline', async (_, mode) => {
    await start({ encryption: 'on' });
    proxy = await startFaultProxy({ target: server, mode });
    expect(await failureOf(connect(proxy.port))).toMatchObject({ code: 'timeout' });
  });
});

describe('a statement', () => {
  test.each<[string, Handler['answer']]>([
    ['that is never answered', 'stall'],
    ['whose answer stalls', [{ columns: [{ name: 'database_id', type: 'int' }], rows: [[1]] }, 'stall']],
  ])('%s ends at the deadline, and the connection with it', async (_, answer) => {
    await start(answering(listFiles, answer));
    const session = await connect();
    const began = Date.now();
    expect(await failureOf(session.measure(everything))).toMatchObject({ code: 'timeout', message: /0\.4 s/ });
    expect(Date.now() - began).toBeLessThan(deadlines.query + LATENESS);
    await until(() => server.sockets === 0);
    await session.close();
  });

  test.each(['close', 'reset'] as const)('that ends in %s is a lost connection', async (fault) => {
    await start(answering(listFiles, fault));
    expect(await failureOf(collect())).toMatchObject({ code: 'connection_lost' });
  });

  test.each(['stall', 'close', 'reset'] as const)(
    'about one database that ends in %s keeps all sizes',
    async (fault) => {
      const inside = handlersFor(model).find(({ match }) => match === listFilesOfDatabase(true));
      const answer: Handler['answer'] = (statement) => {
        if (statement.parameters.database === 'tempdb') return fault;
        return typeof inside?.answer === 'function' ? inside.answer(statement) : [];
      };
      await start(answering(listFilesOfDatabase(true), answer));
      const measurement = await collect();
      expect(measurement.databases.map(({ usedBytes }) => usedBytes !== null)).toEqual([true, false, false, false]);
      expect(measurement.failures).toEqual([]);
      const code = fault === 'stall' ? 'timeout' : 'connection_lost';
      expect(measurement.warnings).toMatchObject([
        { databaseName: null, code: 'connection_lost', message: /used space of 2 more databases was not read/ },
        { databaseName: 'tempdb', code },
      ]);
    },
  );

  test('about the volumes that stalls costs the volumes only', async () => {
    await start(answering(listVolumes, 'stall'));
    const measurement = await collect();
    expect(measurement.databases.every(({ usedBytes }) => usedBytes !== null)).toBe(true);
    expect(measurement.storage.filter(({ scope }) => scope === 'volume')).toEqual([]);
    expect(measurement.warnings).toMatchObject([{ databaseName: null, code: 'timeout' }]);
  });
});

describe('afterwards', () => {
  test('a connection that is lost while idle harms nobody, and closing it neither', async () => {
    await start();
    proxy = await startFaultProxy({ target: server });
    const session = await connect(proxy.port);
    await proxy.setMode({ kind: 'reset' });
    await until(() => server.sockets === 0);
    await pause(50);
    expect(await failureOf(session.measure(everything))).toMatchObject({ code: 'connection_lost' });
    await session.close();
    await session.close();
  });

  test('closing ends in time on a host that has gone', async () => {
    await start();
    proxy = await startFaultProxy({ target: server });
    const session = await connect(proxy.port);
    await proxy.setMode({ kind: 'half-open' });
    const began = Date.now();
    await session.close();
    expect(Date.now() - began).toBeLessThan(deadlines.close + LATENESS);
  });

  test('closing in the middle of a statement ends both', async () => {
    await start(answering(listFiles, 'stall'));
    const session = await connect();
    const measuring = failureOf(session.measure(everything));
    await pause(50);
    await session.close();
    expect(await measuring).toMatchObject({ code: 'connection_lost' });
  });
});

describe('garbage', () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

  /** Where a conversation ends in bytes of the server. */
  async function lengthOf(options: Partial<TdsServerOptions>): Promise<number> {
    await start(options);
    proxy = await startFaultProxy({ target: server });
    await collect(proxy.port);
    const length = proxy.forwarded.server;
    await proxy.close();
    await server.close();
    return length;
  }

  test.each(['off', 'on'] as const)(
    `instead of an answer (encryption %s) is an error, and never the end of the process; SEED=${seed}`,
    async (encryption) => {
      const length = await lengthOf({ encryption });
      await start({ encryption });
      const codes = new Set<string>();
      const points = Array.from({ length: 60 }, (_, index) => Math.floor((index * length) / 60));
      for (const after of points) {
        proxy = await startFaultProxy({ target: server, mode: { kind: 'garbage', seed: seed + after, after } });
        try {
          // Garbage may be a valid answer by chance; what counts is that it ends.
          await sqlserver
            .connect(targetOf(proxy.port), { connect: 150, query: 100, close: 50 })
            .then((session) => session.measure(everything).finally(() => session.close()));
        } catch (error) {
          if (!(error instanceof TidemarkError)) throw error;
          codes.add(error.code);
        }
        await until(() => proxy?.connections === 0);
        await proxy.close();
      }
      proxy = undefined;
      expect(codes.size).toBeGreaterThan(0);
      expect([...codes]).not.toContain('internal');
    },
  );

  test('of a server that speaks something else is an error', async () => {
    await start();
    const web = createServer((socket) => {
      socket.on('error', () => undefined).resume();
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => web.once('listening', resolve));
    const { port } = web.address() as AddressInfo;
    expect((await failureOf(connect(port))).code).toMatch(/^(connection_lost|protocol_error|timeout)$/);
    await new Promise((resolve) => web.close(resolve));
  });
});
