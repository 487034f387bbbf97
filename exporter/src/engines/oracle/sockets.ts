import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { TidemarkError } from '../../errors.ts';
import { followProgress, type Progress } from '../login-errors.ts';

/** The TLS handshake found nobody who speaks TLS. */
export class TlsUnspoken extends Error {}

/** How one attempt to connect is protected. */
export interface Protection {
  /** Node's TLS options; null: no TLS. */
  readonly tls: ConnectionOptions | null;
  /** Milliseconds after which silence in the handshake counts as "no TLS"; null: the deadline of the attempt is enough. */
  readonly patience: number | null;
}

const attempts = new AsyncLocalStorage<OwnedSockets>();

/** What is being connected in the current asynchronous context; undefined outside of `OwnedSockets.run`. */
export function currentAttempt(): OwnedSockets | undefined {
  return attempts.getStore();
}

/**
 * The sockets that the driver opens for one connection. It gives out no handle before the login is over, and no method of
 * it ends a call whose break is ignored; with its socket destroyed, either fails at once.
 */
export class OwnedSockets {
  readonly protection: Protection;
  readonly #sockets: Socket[] = [];
  #tlsSocket: TLSSocket | null = null;
  #end: Error | null = null;
  #spoken = false;
  /** How far the last of the sockets got. */
  progress: () => Progress = () => 'unreached';
  /** Set when a handshake found nobody who speaks TLS, whatever error the driver ends with after further addresses. */
  unspoken: TlsUnspoken | null = null;

  constructor(protection: Protection) {
    this.protection = protection;
  }

  /** Runs what opens the sockets, and owns each of them, also those of a redirect or a second address. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const own = (message: unknown): void => {
      const { socket } = message as { socket?: unknown };
      if (attempts.getStore() !== this || !(socket instanceof Socket)) return;
      this.#sockets.push(socket);
      this.progress = followProgress(socket);
    };
    subscribe('net.client.socket', own);
    try {
      return await attempts.run(this, work);
    } finally {
      unsubscribe('net.client.socket', own);
    }
  }

  /**
   * Asked before each TCP connection: a listener redirects to wherever it likes.
   * @throws TidemarkError where that would send the login unprotected; the reason of `destroy` after the end
   */
  admit(protocol: string | undefined): void {
    if (this.#end !== null) throw this.#end;
    this.#tlsSocket = null;
    if (this.protection.tls !== null && protocol?.toUpperCase() !== 'TCPS') {
      const message = 'the listener redirects to an address without TLS: give its services TCPS addresses';
      throw new TidemarkError('protocol_error', message);
    }
  }

  /** The handshake is done. */
  secured(socket: TLSSocket): void {
    this.#tlsSocket = socket;
    this.#spoken = true;
  }

  /** The handshake failed. Counts as "no TLS" only where none has succeeded before, on this connection or its redirect. */
  failed(error: Error): void {
    if (error instanceof TlsUnspoken && !this.#spoken) this.unspoken = error;
  }

  /** Whether all that is said now goes over TLS. */
  get encrypted(): boolean {
    return this.#tlsSocket?.encrypted === true;
  }

  /** The address at the other end. */
  get remoteAddress(): string | null {
    return this.#sockets.at(-1)?.remoteAddress ?? null;
  }

  /**
   * Breaks every connection, and lets no new one be made. Always with an error: after a bare `destroy()` the driver believes
   * that it is still connected, and its finalizer throws when the garbage collector comes by, which ends the process.
   */
  destroy(reason: Error): void {
    this.#end ??= reason;
    for (const socket of this.#sockets) {
      if (socket.destroyed) continue;
      // The driver takes its listeners off a socket that it puts TLS on.
      socket.on('error', () => undefined);
      socket.destroy(reason);
    }
  }
}
