import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A server on loopback that the test is in command of. */
export interface FakeServer {
  readonly port: number;
  /** Connections that are open now. */
  open(): number;
  /** The most that were open at the same time. */
  mostOpen(): number;
  /** All there ever were. */
  accepted(): number;
  close(): Promise<void>;
}

/** Accepts every connection and does what the test says with it. */
async function startFakeServer(onConnection: (socket: Socket) => void): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  const count = { most: 0, accepted: 0 };
  const server = createServer((socket) => {
    sockets.add(socket);
    count.accepted += 1;
    count.most = Math.max(count.most, sockets.size);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    open: () => sockets.size,
    mostOpen: () => count.most,
    accepted: () => count.accepted,
    close: () => close(server, sockets),
  };
}

/** Accepts, reads, and never answers: what a hung host behind a firewall looks like. */
export function startMuteServer(): Promise<FakeServer> {
  return startFakeServer((socket) => socket.resume());
}

/** Answers the first bytes with a TCP reset. */
export function startResettingServer(): Promise<FakeServer> {
  return startFakeServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
}

/** Closes every connection in order, without a word. */
export function startClosingServer(): Promise<FakeServer> {
  return startFakeServer((socket) => socket.resume().end());
}

/** Says the same thing to everybody: at once, or as the answer to the first bytes. */
export function startTalkingServer(words: string | Uint8Array, when: 'at once' | 'asked'): Promise<FakeServer> {
  return startFakeServer((socket) => {
    if (when === 'at once') socket.resume().write(words);
    else socket.once('data', () => socket.write(words));
  });
}

/**
 * Stands between a client and a server of loopback.
 * @param onRequest sees what the client sends before it is passed on, and holds it back for as long as it takes
 */
export function startProxy(
  targetPort: number,
  onRequest: (bytes: Buffer) => Promise<void> | void = () => undefined,
): Promise<FakeServer> {
  return startFakeServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
    upstream.pipe(client);
    void forward(client, upstream, onRequest);
  });
}

async function forward(
  client: Socket,
  upstream: Socket,
  onRequest: (bytes: Buffer) => Promise<void> | void,
): Promise<void> {
  try {
    for await (const bytes of client as AsyncIterable<Buffer>) {
      await onRequest(bytes);
      upstream.write(bytes);
    }
    upstream.end();
  } catch {
    // The client is gone.
    upstream.destroy();
  }
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}
