import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { Lane } from './lane.ts';
import type { Direction, FaultMode, StrikingMode } from './modes.ts';
import { distortionOf, isStriking, strikesAt, type Distortion } from './modes.ts';

/** A client that finds an RST right behind its last bytes takes it for a FIN: libuv looks at both at once. */
const RESET_DELAY_MS = 20;

/** Who listens to a connection: the proxy, which counts. */
interface ConnectionListener {
  onForwarded(from: Direction, bytes: number): void;
  onClosed(): void;
}

/** The real server's socket, and the lanes to it and from it. */
interface Upstream {
  socket: Socket;
  lanes: Record<Direction, Lane>;
}

/** One client's connection, the connection to the real server behind it, and the fault between the two. */
export class ProxiedConnection {
  readonly #client: Socket;
  readonly #upstream: Upstream | undefined;
  readonly #listener: ConnectionListener;
  #mode: FaultMode;
  /** Bytes of each side since the mode was set. */
  #passed: Record<Direction, number> = { client: 0, server: 0 };
  #struck: StrikingMode | undefined;
  /** Set by a fault that lets the server talk on. */
  #distort: Distortion | undefined;
  #hasClientEnded = false;

  constructor(client: Socket, target: { port: number; host?: string }, mode: FaultMode, listener: ConnectionListener) {
    this.#client = client;
    this.#mode = mode;
    this.#listener = listener;
    client.on('error', () => undefined);
    client.on('data', (bytes: Buffer) => this.#receive('client', bytes));
    client.once('end', () => this.#onClientEnd());
    client.once('close', (hadError) => this.#onClientClose(hadError));
    const needsServer = !strikesAt(mode, 0) || distortionOf(mode) !== undefined;
    this.#upstream = needsServer ? this.#connectTo(target) : undefined;
    this.setMode(mode);
  }

  /** Whether the client has neither ended nor reset the connection. */
  get isClientOpen(): boolean {
    return !this.#hasClientEnded && !this.#client.closed;
  }

  get isServerOpen(): boolean {
    return this.#upstream !== undefined && !this.#upstream.socket.closed;
  }

  setMode(mode: FaultMode): void {
    if (mode.kind === 'refuse') this.#reset();
    if (this.#struck) return;
    this.#mode = mode;
    this.#passed = { client: 0, server: 0 };
    const rate = mode.kind === 'slow' ? mode.bytesPerSecond : Number.POSITIVE_INFINITY;
    this.#upstream?.lanes.client.setRate(rate);
    this.#upstream?.lanes.server.setRate(rate);
    if (strikesAt(mode, 0)) this.#strike(mode);
  }

  /** Cuts both connections, and waits until they are gone. */
  async destroy(): Promise<void> {
    const sockets = this.#upstream ? [this.#client, this.#upstream.socket] : [this.#client];
    await Promise.all(
      sockets.map(async (socket) => {
        if (socket.closed) return;
        socket.destroy();
        await once(socket, 'close');
      }),
    );
  }

  #connectTo({ port, host = '127.0.0.1' }: { port: number; host?: string }): Upstream {
    const socket = connect({ port, host, allowHalfOpen: true, noDelay: true });
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => this.#receive('server', bytes));
    socket.once('end', () => this.#onServerEnd());
    socket.once('close', (hadError) => this.#onServerClose(hadError));
    return { socket, lanes: { client: new Lane(this.#client, socket), server: new Lane(socket, this.#client) } };
  }

  #receive(from: Direction, bytes: Buffer): void {
    if (this.#struck) {
      if (this.#distort) this.#forward(from, from === 'server' ? this.#distort(bytes) : bytes);
      return;
    }
    const mode = this.#mode;
    const missing =
      isStriking(mode) && (mode.from ?? 'server') === from ? (mode.after ?? 0) - this.#passed[from] : Infinity;
    this.#passed[from] += bytes.length;
    this.#forward(from, bytes.subarray(0, missing));
    if (!isStriking(mode) || bytes.length < missing) return;
    this.#strike(mode);
    this.#receive(from, bytes.subarray(missing));
  }

  #forward(from: Direction, bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#listener.onForwarded(from, bytes.length);
    this.#upstream?.lanes[from].write(bytes);
  }

  #strike(mode: StrikingMode): void {
    this.#struck = mode;
    this.#distort = distortionOf(mode);
    if (this.#distort) return;
    if (mode.kind === 'reset') setTimeout(() => this.#reset(), RESET_DELAY_MS);
    // From here on bytes are read and dropped, so that the end of the client is seen.
    this.#upstream?.lanes.client.stop();
    this.#upstream?.lanes.server.stop();
    this.#client.resume();
  }

  #reset(): void {
    this.#client.resetAndDestroy();
    this.#upstream?.socket.resetAndDestroy();
  }

  #onClientEnd(): void {
    this.#hasClientEnded = true;
    if (this.#struck?.kind === 'half-open') return;
    if (this.#struck && !this.#distort) {
      this.#client.end();
      this.#upstream?.socket.destroy();
    } else {
      this.#upstream?.lanes.client.end();
    }
  }

  #onServerEnd(): void {
    if (!this.#hidesServer) this.#upstream?.lanes.server.end();
  }

  #onClientClose(hadError: boolean): void {
    // A clean end has been passed on when it came; an RST has not.
    if (hadError && this.#struck?.kind !== 'half-open') this.#upstream?.socket.resetAndDestroy();
    this.#reportClosed();
  }

  #onServerClose(hadError: boolean): void {
    if (hadError && !this.#hidesServer) this.#client.resetAndDestroy();
    this.#reportClosed();
  }

  /** A hanging or vanished host does not tell its client that it has gone. */
  get #hidesServer(): boolean {
    return this.#struck?.kind === 'mute' || this.#struck?.kind === 'half-open';
  }

  #reportClosed(): void {
    if (this.#client.closed && !this.isServerOpen) this.#listener.onClosed();
  }
}
