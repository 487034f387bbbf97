/**
 * A TCP proxy in front of a real server that fails in the ways networks and servers do. It knows no protocol, so that
 * it serves for every engine.
 */
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { ProxiedConnection } from './fault-proxy/connection.ts';
import type { Direction, FaultMode } from './fault-proxy/modes.ts';

export type { Direction, FaultMode } from './fault-proxy/modes.ts';

export interface FaultProxyOptions {
  /** The real server. */
  target: { port: number; host?: string };
  /** `pass` by default. */
  mode?: FaultMode;
}

export interface FaultProxy {
  /** On 127.0.0.1; it stays the same while the proxy refuses. */
  readonly port: number;
  /** Connections that the client has not closed yet: what a client under test has leaked, when it is done. */
  readonly connections: number;
  /** Connections to the real server that are open now. */
  readonly upstreams: number;
  /** Connections that were ever accepted. */
  readonly accepted: number;
  /** Bytes that were forwarded, for finding the `after` that hits a certain moment. */
  readonly forwarded: Readonly<Record<Direction, number>>;
  /**
   * Changes the mode for new connections and for those that are open; `after` counts from here. A connection whose fault
   * has struck stays as it is: bytes are missing from it.
   */
  setMode(mode: FaultMode): Promise<void>;
  /** Cuts all connections, stops listening, and waits until both are done. */
  close(): Promise<void>;
}

/** Begins to listen; the real server is connected to when a client comes. */
export async function startFaultProxy({ target, mode: firstMode }: FaultProxyOptions): Promise<FaultProxy> {
  const connections = new Set<ProxiedConnection>();
  const forwarded: Record<Direction, number> = { client: 0, server: 0 };
  let mode: FaultMode = firstMode ?? { kind: 'pass' };
  let accepted = 0;

  const accept = (client: Socket): void => {
    accepted += 1;
    const connection = new ProxiedConnection(client, target, mode, {
      onForwarded: (from, bytes) => (forwarded[from] += bytes),
      onClosed: () => connections.delete(connection),
    });
    connections.add(connection);
  };
  const count = (isCounted: (connection: ProxiedConnection) => boolean): number =>
    [...connections].filter(isCounted).length;

  let server = await listen(accept);
  const { port } = server.address() as AddressInfo;
  const setMode = async (next: FaultMode): Promise<void> => {
    mode = next;
    for (const connection of connections) connection.setMode(next);
    // A listener that is closed gives its port up at once, while its connections go on.
    if (next.kind === 'refuse') server.close();
    else if (!server.listening) server = await listen(accept, port);
  };
  if (mode.kind === 'refuse') server.close();

  return {
    port,
    forwarded,
    setMode,
    get connections() {
      return count((connection) => connection.isClientOpen);
    },
    get upstreams() {
      return count((connection) => connection.isServerOpen);
    },
    get accepted() {
      return accepted;
    },
    async close() {
      const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all([...connections].map((connection) => connection.destroy()));
      await stopped;
    },
  };
}

async function listen(accept: (client: Socket) => void, port = 0): Promise<Server> {
  // Half-open, because whether a FIN is answered is the mode's business.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
