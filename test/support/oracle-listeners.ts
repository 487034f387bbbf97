import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createSecureContext, TLSSocket, type TLSSocketOptions } from 'node:tls';

/** A listener in front of a test server. */
export interface Front {
  readonly port: number;
  /** Connections that were made. */
  readonly accepted: number;
  /** Connections that are open. */
  readonly open: number;
  close(): Promise<void>;
}

/** Listens on loopback and leaves each connection to `serve`. */
async function listen(serve: (socket: Socket) => void): Promise<Front> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    serve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get accepted() {
      return accepted;
    },
    get open() {
      return sockets.size;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Joins both ends; either one's end is the other's. */
function join(client: Socket, port: number): void {
  const server = connect(port, '127.0.0.1');
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.on('error', () => undefined).on('close', () => to.destroy());
    from.pipe(to);
  }
}

/** What a listener without TLS does with a TLS handshake. */
export type Rebuff = 'close' | 'reset' | 'refuse' | 'silence';

/** A listener that speaks no TLS: anything else goes through to the server. */
export function startPlainListener(port: number, rebuff: Rebuff): Promise<Front> {
  return listen((socket) => {
    socket.once('data', (first: Buffer) => {
      if (first[0] === 0x16) {
        if (rebuff === 'close') socket.end();
        if (rebuff === 'reset') socket.resetAndDestroy();
        if (rebuff === 'refuse') socket.end(packet(4, Buffer.from('\x04\x00\x00\x00')));
        return;
      }
      socket.pause().unshift(first);
      join(socket, port);
    });
  });
}

/** A listener that ends TLS and passes the rest on; `onSecure` sees each client. */
export function startTlsListener(
  port: number,
  options: TLSSocketOptions,
  onSecure: (socket: TLSSocket) => void = () => undefined,
): Promise<Front> {
  return listen((socket) => {
    const secured = new TLSSocket(socket, { isServer: true, ...options });
    secured.on('error', () => socket.destroy());
    secured.once('secure', () => {
      onSecure(secured);
      join(secured, port);
    });
  });
}

/** A listener that sends its clients elsewhere, as that of a cluster does. Speaks TLS where it is given a certificate. */
export function startRedirector(to: string, tls?: { cert: string; key: string }): Promise<Front> {
  return listen((socket) => {
    const stream = tls === undefined ? socket : secureOn(socket, tls);
    stream.on('error', () => undefined);
    stream.once('data', () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(to.length);
      stream.write(packet(5, Buffer.concat([length, Buffer.from(to)])));
    });
  });
}

/**
 * A listener that hands the connection over to a server process: it asks the client to connect once more on the same TCP
 * connection, with a handshake of its own, since the TLS state stays behind.
 */
export function startHandover(port: number, tls: { cert: string; key: string }): Promise<Front> {
  return listen((socket) => {
    const first = secureOn(socket, tls);
    first.on('error', () => undefined);
    first.once('data', () => {
      first.write(packet(11, Buffer.alloc(0), 0x08), () => {
        const second = secureOn(socket, tls);
        second.on('error', () => undefined);
        second.once('secure', () => join(second, port));
      });
    });
  });
}

function secureOn(socket: Socket, { cert, key }: { cert: string; key: string }): TLSSocket {
  return new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ cert, key }) });
}

/** A TNS packet: length, checksum, type, flags, checksum of the header, then the body. */
function packet(type: number, body: Buffer, flags = 0): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(8 + body.length);
  header[4] = type;
  header[5] = flags;
  return Buffer.concat([header, body]);
}
