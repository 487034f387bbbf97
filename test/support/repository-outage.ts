import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

import { Secret } from '../../exporter/src/config/secret.ts';
import { freePort } from './ports.ts';

/** A way to a repository that can be cut. */
export interface CuttableWay {
  /** The address of the repository, by this way. */
  readonly url: Secret;
  /** Nothing listens any more, and open connections are reset. */
  cut(): Promise<void>;
  /** Connections are accepted and never answered. */
  mute(): Promise<void>;
  restore(): Promise<void>;
}

/** Forwards a port of loopback to a repository. Ends with `cut()`. */
export async function createCuttableWay(repository: Secret): Promise<CuttableWay> {
  const url = new URL(repository.reveal());
  const target = Number(url.port);
  const port = await freePort();
  url.port = String(port);
  const sockets = new Set<Socket>();
  let forwarding = true;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const server = createServer((incoming) => {
    keep(incoming);
    if (!forwarding) return;
    const outgoing = keep(connect(target, '127.0.0.1'));
    incoming.pipe(outgoing).pipe(incoming);
  });
  const cut = async (): Promise<void> => {
    const closed = server.listening ? once(server, 'close') : null;
    if (closed !== null) server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const listen = async (forwards: boolean): Promise<void> => {
    await cut();
    forwarding = forwards;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(true);
  return { url: new Secret(url.href), cut, mute: () => listen(false), restore: () => listen(true) };
}
