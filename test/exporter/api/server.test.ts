import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { get } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import express, { type Express } from 'express';
import { createServer, type ServerSettings } from '../../../exporter/src/api/server.ts';
import { createLogger } from '../../../exporter/src/log.ts';
import { testCertificates, type TestCertificates } from '../../support/certificates.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/wait.ts';

const deadlines = { requestHeaders: 400, request: 800, idleClient: 1_000 };
let certificates: TestCertificates;
let server: Server | null = null;
let logged: string[] = [];

beforeAll(async () => {
  certificates = await testCertificates();
});

afterEach(async () => {
  if (server === null) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
  server = null;
});

function application(): Express {
  const app = express();
  app.get('/', (_request, response) => void response.send('here'));
  app.post('/', (request, response) => {
    request.resume().once('end', () => response.send('read'));
  });
  app.get('/large', (_request, response) => void response.send(Buffer.alloc(50_000_000)));
  return app;
}

async function listening(settings: Partial<ServerSettings> = {}): Promise<number> {
  logged = [];
  const stream = new PassThrough().on('data', (chunk: Buffer) => logged.push(chunk.toString()));
  const log = createLogger('info', stream as unknown as NodeJS.WriteStream);
  server = createServer(application(), { tls: null, deadlines, log, ...settings });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** Milliseconds until the server ends a connection on which this goes on. */
async function endOf(port: number, begin: string, drip: string): Promise<{ milliseconds: number; said: string }> {
  const socket = connect(port, '127.0.0.1');
  let said = '';
  socket.on('data', (chunk: Buffer) => (said += chunk.toString())).on('error', () => undefined);
  const startedAt = performance.now();
  socket.write(begin);
  const timer = drip === '' ? null : setInterval(() => socket.write(drip), 50);
  await once(socket, 'close');
  if (timer !== null) clearInterval(timer);
  return { milliseconds: performance.now() - startedAt, said };
}

/** The error in an answer as it went over the wire. */
function errorIn(said: string): unknown {
  const [head = '', body = ''] = said.split('\r\n\r\n');
  expect(head).toContain('Content-Type: application/json; charset=utf-8');
  return (JSON.parse(body) as { error: unknown }).error;
}

describe('a client that is slow on purpose', () => {
  test('is left when its headers take too long, byte by byte as they come', async () => {
    const { milliseconds, said } = await endOf(await listening(), 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ', 'x');
    expect(said).toContain('408');
    expect(errorIn(said)).toMatchObject({ code: 'request_timeout' });
    expect(milliseconds).toBeLessThan(5_000);
  });

  test('is left when its body takes too long', async () => {
    const begin = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n';
    const { milliseconds, said } = await endOf(await listening(), begin, 'x');
    expect(said).toContain('408');
    expect(milliseconds).toBeLessThan(5_000);
  });

  test('is left when it says nothing at all', async () => {
    const { milliseconds } = await endOf(await listening(), '', '');
    expect(milliseconds).toBeLessThan(5_000);
  });

  test('is left when it takes nothing of its answer', async () => {
    const port = await listening();
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.pause().write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
    const [connection] = (await once(server as Server, 'connection')) as [Socket];
    await once(connection, 'close');
    socket.destroy();
  });

  test('in 300 copies keeps nobody else from being answered', async () => {
    const port = await listening({ deadlines: { requestHeaders: 5_000, request: 10_000, idleClient: 10_000 } });
    const sockets = Array.from({ length: 300 }, () => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
      return socket;
    });
    const startedAt = performance.now();
    for (let round = 0; round < 20; round += 1) {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
      expect(await answer.text()).toBe('here');
    }
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    for (const socket of sockets) socket.destroy();
  });

  test('cannot send headers without end', async () => {
    const { said } = await endOf(await listening(), `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}`, '');
    expect(said).toMatch(/^HTTP\/1\.1 431 /);
    expect(errorIn(said)).toEqual({
      code: 'headers_too_large',
      message: 'expected an address and headers of at most 16 kB together',
      details: null,
    });
  });
});

describe('what is no request', () => {
  test.each([
    ['an address that is too long', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, 'headers_too_large'],
    ['another protocol', 'HELO x\r\n\r\n', 400, 'bad_request'],
    ['a header that is none', 'GET / HTTP/1.1\r\nHost x\r\n\r\n', 400, 'bad_request'],
  ])('%s is answered with an error in the one shape', async (_, begin, status, code) => {
    const { said } = await endOf(await listening(), begin, '');
    expect(said).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(errorIn(said)).toEqual({ code, message: expect.any(String), details: null });
  });

  test('over TLS is answered too, and what speaks no TLS is not', async () => {
    const folder = createTemporaryFolder();
    const tls = {
      certificate: folder.write('tls.crt', certificates.server.cert),
      key: folder.write('tls.key', certificates.server.key),
    };
    const port = await listening({ tls });
    const answer = await fetchLong(port);
    expect(answer).toMatchObject({ status: 431, text: expect.stringContaining('headers_too_large') });
    expect((await endOf(port, 'GET / HTTP/1.1\r\n\r\n', '')).said).toBe('');
    folder.remove();
  });

  /** The answer to an address that is too long. */
  async function fetchLong(port: number): Promise<{ status: number | undefined; text: string }> {
    const request = get({
      host: '127.0.0.1',
      port,
      path: `/${'x'.repeat(20_000)}`,
      rejectUnauthorized: false,
      agent: false,
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let text = '';
    for await (const piece of response) text += String(piece);
    return { status: response.statusCode, text };
  }
});

describe('TLS', () => {
  const folder = createTemporaryFolder();

  /** The serial number of the certificate that the server shows. */
  async function serialOn(port: number): Promise<string> {
    const request = get({ host: '127.0.0.1', port, ca: [certificates.ca, certificates.selfSigned.cert], agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const { socket } = response;
    if (!(socket instanceof TLSSocket)) throw new Error('the connection is not encrypted');
    const { serialNumber } = socket.getPeerCertificate();
    response.resume();
    await once(response, 'end');
    return serialNumber;
  }

  test('is served with the files, and with new ones when they are renewed', async () => {
    const tls = {
      certificate: folder.write('tls.crt', certificates.server.cert),
      key: folder.write('tls.key', certificates.server.key),
    };
    const port = await listening({ tls, certificatePause: 50 });
    const first = await serialOn(port);
    expect(await serialOn(port)).toBe(first);
    folder.write('tls.crt', 'half written');
    await until(() => logged.join('').includes('cannot be used'), 'the bad file is seen');
    expect(await serialOn(port)).toBe(first);
    folder.write('tls.key', certificates.selfSigned.key);
    folder.write('tls.crt', certificates.selfSigned.cert);
    await until(async () => (await serialOn(port)) !== first, 'the new certificate is shown');
    expect(logged.join('')).not.toContain('PRIVATE KEY');
    folder.remove();
  });
});
