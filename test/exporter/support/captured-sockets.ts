import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

const channelName = 'net.client.socket';

/** An operation whose TCP connections can be broken from outside. */
export interface Captured<T> {
  readonly result: Promise<T>;
  /** Breaks every connection that the operation has opened. */
  destroy(reason: Error): void;
}

/**
 * Runs something that opens TCP connections and keeps hold of their sockets, through nothing but public parts of Node.
 * oracledb gives out no handle before the logon is over, and no method of it ends a call whose break is ignored; with
 * its socket destroyed either fails at once.
 *
 * The socket must be destroyed **with an error**: after a bare `destroy()` during the logon the driver believes it is
 * still connected, and its finalizer throws when the garbage collector comes by, which ends the process.
 */
export function captureSockets<T>(run: () => Promise<T>): Captured<T> {
  const sockets = new Set<Socket>();
  let ended: Error | undefined;
  const mine = new AsyncLocalStorage<true>();
  const onSocket = (message: unknown): void => {
    const { socket } = message as { socket?: unknown };
    if (mine.getStore() !== true || !(socket instanceof Socket)) return;
    sockets.add(socket);
    // Opened after the end, as on a machine so busy that the deadline came first; it is told before it connects.
    if (ended !== undefined) process.nextTick(() => socket.destroy(ended));
  };
  subscribe(channelName, onSocket);
  const result = mine.run(true, run).finally(() => unsubscribe(channelName, onSocket));
  return {
    result,
    destroy: (reason) => {
      ended = reason;
      for (const socket of sockets) socket.destroy(reason);
    },
  };
}
