import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { FaultMode, FaultProxy } from '../../support/fault-proxy.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../support/wait.ts';

/** Long enough that silence means something, short enough to wait for. */
const SILENCE_MS = 150;

let echo: Server;
let echoSockets: Set<Socket>;
let proxy: FaultProxy | undefined;
let clients: TestClient[];

interface TestClient {
  socket: Socket;
  received: () => string;
  error: () => string | undefined;
}

beforeEach(async () => {
  echoSockets = new Set();
  clients = [];
  echo = createServer((socket) => {
    echoSockets.add(socket);
    socket.once('close', () => echoSockets.delete(socket));
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
});

afterEach(async () => {
  for (const { socket } of clients) socket.destroy();
  await proxy?.close();
  proxy = undefined;
  await until(() => echoSockets.size === 0);
  echo.close();
  await once(echo, 'close');
});

async function start(mode?: FaultMode): Promise<FaultProxy> {
  const { port } = echo.address() as AddressInfo;
  proxy = await startFaultProxy({ target: { port }, ...(mode && { mode }) });
  return proxy;
}

function dial({ port }: { port: number }): TestClient {
  const socket = connect({ port, host: '127.0.0.1' });
  const chunks: Buffer[] = [];
  let code: string | undefined;
  socket.on('data', (bytes) => chunks.push(bytes));
  socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code));
  const client = { socket, received: () => Buffer.concat(chunks).toString('latin1'), error: () => code };
  clients.push(client);
  return client;
}

/** Waits for the end of a connection; unlike `once`, does not throw when it is an RST. */
function closed({ socket }: TestClient): Promise<void> {
  return new Promise((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())));
}

describe('pass', () => {
  test('forwards both ways, byte for byte, and counts', async () => {
    const passing = await start();
    const client = dial(passing);
    const text = 'x'.repeat(300_000) + 'end';
    client.socket.write(text);
    await until(() => client.received().length === text.length);
    expect(client.received() === text).toBe(true);
    expect(passing.forwarded).toEqual({ client: text.length, server: text.length });
    expect([passing.accepted, passing.connections, passing.upstreams]).toEqual([1, 1, 1]);
  });

  test('passes the end of the client on, and the answer to it', async () => {
    const passing = await start();
    const client = dial(passing);
    client.socket.end('bye');
    await closed(client);
    expect(client.received()).toBe('bye');
    await until(() => passing.connections === 0 && passing.upstreams === 0 && echoSockets.size === 0);
  });

  test('passes the end of the server on', async () => {
    const client = dial(await start());
    await until(() => echoSockets.size === 1);
    for (const socket of echoSockets) socket.end('shutting down');
    await closed(client);
    expect([client.received(), client.error()]).toEqual(['shutting down', undefined]);
  });

  test('resets the client of a server that is not there', async () => {
    const { port } = echo.address() as AddressInfo;
    const gone = await startFaultProxy({ target: { port }, mode: { kind: 'refuse' } });
    proxy = await startFaultProxy({ target: gone });
    const client = dial(proxy);
    await closed(client);
    expect(client.error()).toBe('ECONNRESET');
    await gone.close();
  });
});

describe('refuse', () => {
  test('has nobody listening, until the mode changes: then on the same port', async () => {
    const refusing = await start({ kind: 'refuse' });
    const refused = dial(refusing);
    await closed(refused);
    expect(refused.error()).toBe('ECONNREFUSED');
    expect(refusing.accepted).toBe(0);

    await refusing.setMode({ kind: 'pass' });
    const client = dial(refusing);
    client.socket.write('hello');
    await until(() => client.received() === 'hello');
  });

  test('resets what is open, as a killed server does', async () => {
    const passing = await start();
    const client = dial(passing);
    client.socket.write('hello');
    await until(() => client.received() === 'hello');
    await passing.setMode({ kind: 'refuse' });
    await closed(client);
    expect(client.error()).toBe('ECONNRESET');
    await until(() => passing.connections === 0 && passing.upstreams === 0);
    const refused = dial(passing);
    await closed(refused);
    expect(refused.error()).toBe('ECONNREFUSED');
  });
});

describe('mute', () => {
  test('accepts and never answers; the real server is not even asked', async () => {
    const muted = await start({ kind: 'mute' });
    const client = dial(muted);
    client.socket.write('hello');
    await pause(SILENCE_MS);
    expect([client.received(), client.error(), muted.connections, muted.upstreams]).toEqual(['', undefined, 1, 0]);
  });

  test.each(['server', 'client'] as const)('falls silent after 5 bytes of the %s', async (from) => {
    const muted = await start({ kind: 'mute', after: 5, from });
    const client = dial(muted);
    client.socket.write('hello world');
    await until(() => muted.forwarded[from] === 5);
    await pause(SILENCE_MS);
    expect(client.received()).toBe(from === 'server' ? 'hello' : '');
    expect(muted.forwarded[from]).toBe(5);
    client.socket.write('more');
    await pause(SILENCE_MS);
    expect(muted.forwarded[from]).toBe(5);
  });

  test('answers the FIN of the client, and hides that of the server', async () => {
    const muted = await start({ kind: 'mute', after: 5 });
    const client = dial(muted);
    client.socket.write('hello');
    await until(() => client.received() === 'hello');
    for (const socket of echoSockets) socket.end();
    await pause(SILENCE_MS);
    expect(client.socket.readyState).toBe('open');
    client.socket.end();
    await closed(client);
    await until(() => muted.connections === 0 && muted.upstreams === 0);
  });

  test('counts from when it was set, for open connections as well', async () => {
    const muted = await start();
    const client = dial(muted);
    client.socket.write('hello');
    await until(() => client.received() === 'hello');
    await muted.setMode({ kind: 'mute', after: 3 });
    client.socket.write('world');
    await until(() => client.received() === 'hellowor');
    await muted.setMode({ kind: 'pass' });
    client.socket.write('again');
    await pause(SILENCE_MS);
    expect(client.received()).toBe('hellowor');
  });
});

describe('half-open', () => {
  test('does not even answer the FIN; a client that has left is not counted', async () => {
    const halfOpen = await start({ kind: 'half-open', after: 5 });
    const client = dial(halfOpen);
    client.socket.write('hello');
    await until(() => client.received() === 'hello');
    client.socket.end('bye');
    await until(() => halfOpen.connections === 0);
    await pause(SILENCE_MS);
    expect(client.socket.readyState).toBe('readOnly');
    expect(halfOpen.upstreams).toBe(1);
  });

  test('can be there from the start', async () => {
    const halfOpen = await start({ kind: 'half-open' });
    const client = dial(halfOpen);
    client.socket.end('hello');
    await until(() => halfOpen.accepted === 1 && halfOpen.connections === 0);
    await pause(SILENCE_MS);
    expect([client.socket.readyState, halfOpen.upstreams]).toEqual(['readOnly', 0]);
  });
});

describe('reset', () => {
  test('at accept', async () => {
    const resetting = await start({ kind: 'reset' });
    const client = dial(resetting);
    await closed(client);
    expect(client.error()).toBe('ECONNRESET');
    await until(() => resetting.connections === 0);
  });

  test('after so many bytes, which arrive', async () => {
    const resetting = await start({ kind: 'reset', after: 5 });
    const client = dial(resetting);
    client.socket.write('hello world');
    await closed(client);
    expect([client.received(), client.error()]).toEqual(['hello', 'ECONNRESET']);
    await until(() => resetting.upstreams === 0 && echoSockets.size === 0);
  });
});

describe('slip', () => {
  test('changes one byte of the server, and no other', async () => {
    const slipping = await start({ kind: 'slip', after: 4, byte: 33 });
    const client = dial(slipping);
    client.socket.end('hello world');
    await closed(client);
    expect([client.received(), client.error()]).toEqual(['hell! world', undefined]);
  });

  test('the first one, too', async () => {
    const client = dial(await start({ kind: 'slip', after: 0, byte: 33 }));
    client.socket.end('hello');
    await closed(client);
    expect(client.received()).toBe('!ello');
  });
});

describe('slow', () => {
  test('sends at its rate, and all of it', async () => {
    const slow = await start({ kind: 'slow', bytesPerSecond: 2_000 });
    const client = dial(slow);
    const began = Date.now();
    client.socket.end('x'.repeat(600));
    await closed(client);
    expect(client.received()).toHaveLength(600);
    // 600 bytes at 2 000 a second; timers may be late, not early.
    expect(Date.now() - began).toBeGreaterThan(200);
  });

  test('keeps rates below a byte per tick', async () => {
    const slow = await start({ kind: 'slow', bytesPerSecond: 1 });
    const client = dial(slow);
    client.socket.write('abc');
    await pause(SILENCE_MS);
    expect(client.received().length).toBeLessThan(3);
    await slow.setMode({ kind: 'pass' });
    await until(() => client.received() === 'abc');
  });
});

describe('garbage', () => {
  const garbageOf = async (seed: number): Promise<string> => {
    const garbling = await start({ kind: 'garbage', seed, after: 2 });
    const client = dial(garbling);
    client.socket.write('hello world');
    await until(() => client.received().length === 11);
    await garbling.close();
    return client.received();
  };

  test('replaces what the server sends, by a seed', async () => {
    const first = await garbageOf(1);
    expect(first.startsWith('he')).toBe(true);
    expect(first).not.toBe('hello world');
    expect(await garbageOf(1)).toBe(first);
    expect(await garbageOf(2)).not.toBe(first);
  });
});

test('closing cuts everything, whatever the mode', async () => {
  for (const mode of [
    { kind: 'pass' },
    { kind: 'mute' },
    { kind: 'half-open', after: 1 },
    { kind: 'slow', bytesPerSecond: 1 },
  ] satisfies FaultMode[]) {
    const closing = await start(mode);
    const client = dial(closing);
    client.socket.write('hello');
    await until(() => closing.accepted === 1);
    await pause(20);
    await closing.close();
    await until(() => client.socket.closed && echoSockets.size === 0);
    expect([closing.connections, closing.upstreams]).toEqual([0, 0]);
  }
});
