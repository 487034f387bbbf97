import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import { Secret } from '../../../exporter/src/config/secret.ts';
import type { Engine, Target } from '../../../exporter/src/engines/engine.ts';
import { followProgress, loginError } from '../../../exporter/src/engines/login-errors.ts';
import { mysql } from '../../../exporter/src/engines/mysql.ts';
import { oracle } from '../../../exporter/src/engines/oracle.ts';
import { postgresql } from '../../../exporter/src/engines/postgresql.ts';
import { sqlserver } from '../../../exporter/src/engines/sqlserver.ts';
import { TidemarkError } from '../../../exporter/src/errors.ts';
import {
  startClosingServer,
  startMuteServer,
  startTalkingServer,
  type FakeServer,
} from '../../support/fake-servers.ts';
import { postgresqlTarget } from '../../support/postgresql-fixtures.ts';
import { testDeadlines } from '../../support/test-database.ts';
import { describeWithMariadb } from '../../support/with-mariadb.ts';

const hurried = { ...testDeadlines, connect: 300 };

async function failureOf(engine: Engine, port: number, mode: Target['tls']['mode'] = 'prefer'): Promise<TidemarkError> {
  const target: Target = {
    ...{ host: '127.0.0.1', port, username: 'tidemark', password: new Secret('word'), tls: { mode } },
    database: engine.defaultDatabase,
  };
  const session = await engine.connect(target, hurried).catch((error: unknown) => error as TidemarkError);
  if (session instanceof TidemarkError) return session;
  await session.close();
  throw new Error('the connection was made');
}

const products = [
  ['PostgreSQL', postgresql],
  ['MySQL or MariaDB', mysql],
  ['SQL Server', sqlserver],
  ['Oracle', oracle],
] as const;

describe.each(products)('%s', (product, engine) => {
  test.each(['prefer', 'disable'] as const)(
    'TLS %s: a server that says nothing is no matter of the network',
    async (mode) => {
      const server = await startMuteServer();
      expect(await failureOf(engine, server.port, mode)).toMatchObject({
        code: 'timeout',
        message:
          `connecting to 127.0.0.1:${server.port} took longer than 0.3 s: the connection was accepted, but nothing was said: ` +
          `that is no ${product}, or one that hangs: check engine and port`,
      });
      await server.close();
    },
  );

  test('a server that hangs up may be another one', async () => {
    const server = await startClosingServer();
    const { code, message } = await failureOf(engine, server.port, 'disable');
    expect(code).toBe('connection_lost');
    expect(message).toContain('the server closed the connection: look into its log');
    expect(message).toMatch(new RegExp(`; if that is no ${product}: check engine and port$`));
    await server.close();
  });
});

describe('what is no database at all', () => {
  let web: Server;

  beforeAll(async () => {
    web = createServer((_request, response) => response.end());
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
  });

  afterAll(async () => {
    web.closeAllConnections();
    web.close();
    await once(web, 'close');
  });

  test.each(products)('an HTTP server is not %s: engine and port are to be checked', async (_, engine) => {
    const { message } = await failureOf(engine, (web.address() as AddressInfo).port);
    expect(message).toContain('check engine and port');
  });
});

describe('another database', () => {
  test('PostgreSQL is no MySQL', async () => {
    expect(await failureOf(mysql, postgresqlTarget().port)).toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('that is no MySQL or MariaDB, or one that hangs') as unknown,
    });
  });

  describeWithMariadb('MariaDB', (mariadb) => {
    test.each(['prefer', 'require', 'disable'] as const)('is no PostgreSQL, with TLS %s', async (mode) => {
      expect(await failureOf(postgresql, mariadb.port, mode)).toMatchObject({
        code: 'protocol_error',
        message: expect.stringContaining(
          'what listens there does not speak the protocol of PostgreSQL: check engine and port',
        ) as unknown,
      });
    });
  });
});

describe('how far a connection got', () => {
  let server: FakeServer;

  test('is told apart, also when the socket is gone', async () => {
    const socket = new Socket();
    const progress = followProgress(socket);
    expect(progress()).toBe('unreached');
    server = await startTalkingServer('word', 'asked');
    socket.connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    expect(progress()).toBe('silent');
    socket.write('?');
    await once(socket, 'data');
    socket.destroy();
    await once(socket, 'close');
    expect(progress()).toBe('spoken');
    await server.close();
  });

  test.each([
    ['unreached', 'no answer from the network: check host, port and firewall'],
    ['silent', 'the connection was accepted, but nothing was said'],
    ['spoken', 'the server began to answer and fell silent'],
  ] as const)('%s: a timeout says so', (progress, words) => {
    const cause = new Error('the cause');
    const timeout = new TidemarkError('timeout', 'connecting took longer than 1 s', { cause });
    const error = loginError(timeout, 'Oracle', progress);
    expect(error).toMatchObject({ code: 'timeout', cause });
    expect(error.message).toContain(`connecting took longer than 1 s: ${words}`);
  });

  test('is no matter where the server says what is wrong', () => {
    const refused = new TidemarkError('access_denied', 'access denied');
    expect(loginError(refused, 'Oracle', 'spoken')).toBe(refused);
  });
});
