import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { AskedStatement, Handler } from './answers.ts';
import { Connection } from './connection.ts';
import { type Fault, FaultPlan } from './faults.ts';
import { type ProfileName, profiles } from './profiles.ts';
import type { Account, ServerState, SessionInfo } from './state.ts';

export interface TnsServerOptions {
  /** The server generation to be; 19c unless told. */
  readonly profile?: ProfileName;
  /** Passwords by user name, or accounts that are refused. */
  readonly users?: Readonly<Record<string, string | Account>>;
  /** Service names that the listener knows; FREEPDB1 unless told. Another one is refused with ORA-12514. */
  readonly services?: readonly string[];
  /** SIDs that the listener knows; FREE unless told. Another one is refused with ORA-12505. */
  readonly systemIdentifiers?: readonly string[];
  /** What the database answers; the first that matches counts. */
  readonly handlers?: readonly Handler[];
  /** What goes wrong from the start. */
  readonly faults?: readonly Fault[];
  /** Key and certificate: the server speaks TCPS and nothing else. */
  readonly tls?: SecureContextOptions;
  /** Send errors behind a break marker, as releases before 23ai do. */
  readonly errorsBehindMarkers?: boolean;
  /** Offer native network services (all switched off), as most servers do. */
  readonly nativeNetworkServices?: boolean;
  /** The address to listen on; 127.0.0.1 unless told. */
  readonly host?: string;
}

/** A running test server. */
export interface TnsServer {
  readonly host: string;
  readonly port: number;
  /** The first service as an Easy Connect string. */
  readonly connectString: string;
  /** Connections that are open now. */
  readonly sockets: number;
  /** Connections that were made so far. */
  readonly accepted: number;
  /** What was asked, in order; without what a driver asks on its own at connect. */
  readonly statements: readonly AskedStatement[];
  /** Statements without a handler, handlers that failed, messages not understood. A good test ends with none. */
  readonly unexpected: readonly string[];
  /** Who logged on. */
  readonly sessions: readonly SessionInfo[];
  /** Adds a handler in front of the others. */
  handle(handler: Handler): void;
  /** From now on this goes wrong. */
  inject(fault: Fault): void;
  /** Nothing goes wrong any more, and answers that were held back are sent, however late. */
  heal(): void;
  /** Breaks all connections and stops listening. */
  close(): Promise<void>;
}

/** Starts a server that speaks enough of TNS and TTC for thin drivers to log on and query what the handlers hold. */
export async function startTnsServer(options: TnsServerOptions = {}): Promise<TnsServer> {
  const services = options.services ?? ['FREEPDB1'];
  const state: ServerState = {
    profile: profiles[options.profile ?? '19c'],
    accounts: accountsOf(options.users ?? {}),
    services: upperCase(services),
    systemIdentifiers: upperCase(options.systemIdentifiers ?? ['FREE']),
    handlers: [...(options.handlers ?? [])],
    faults: new FaultPlan(),
    errorsBehindMarkers: options.errorsBehindMarkers ?? false,
    nativeNetworkServices: options.nativeNetworkServices ?? false,
    encrypted: options.tls !== undefined,
    statements: [],
    unexpected: [],
    sessions: [],
  };
  for (const fault of options.faults ?? []) state.faults.add(fault);
  const secureContext = options.tls === undefined ? null : createSecureContext(options.tls);
  const sockets = new Set<Socket>();
  let accepted = 0;
  let closing: Promise<void> | undefined;
  const listener = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined); // a client that breaks off is part of the tests
    socket.setNoDelay(true);
    accept(socket, state, secureContext);
  });
  const host = options.host ?? '127.0.0.1';
  const port = await listen(listener, host);
  return {
    host,
    port,
    connectString: `${secureContext === null ? '' : 'tcps://'}${host}:${port}/${services[0] ?? ''}`,
    get sockets() {
      return sockets.size;
    },
    get accepted() {
      return accepted;
    },
    statements: state.statements,
    unexpected: state.unexpected,
    sessions: state.sessions,
    handle: (handler) => {
      state.handlers.unshift(handler);
    },
    inject: (fault) => {
      state.faults.add(fault);
    },
    heal: () => {
      state.faults.heal();
    },
    close: () => (closing ??= stop(listener, sockets)),
  };
}

function accept(socket: Socket, state: ServerState, secureContext: SecureContext | null): void {
  const begin = (): void => {
    const stream = secureContext === null ? socket : new TLSSocket(socket, { isServer: true, secureContext });
    new Connection(socket, stream, state);
  };
  switch (state.faults.strike('accept')) {
    case undefined:
      begin();
      return;
    case 'close':
      socket.resume().end(); // reads on: only so is the client's end noticed
      return;
    case 'reset':
      socket.resetAndDestroy();
      return;
    default:
      hold(socket, state, begin); // there is no half of an answer yet: both other faults are silence
  }
}

/** Leaves a connection alone until the server is well. Reading goes on: only so is the client's end noticed. */
function hold(socket: Socket, state: ServerState, begin: () => void): void {
  const chunks: Buffer[] = [];
  const keep = (chunk: Buffer): void => void chunks.push(chunk);
  socket.on('data', keep);
  state.faults.hold(() => {
    if (socket.destroyed) return;
    socket.off('data', keep).pause();
    if (chunks.length > 0) socket.unshift(Buffer.concat(chunks));
    begin();
  });
}

function accountsOf(users: Readonly<Record<string, string | Account>>): Map<string, Account> {
  return new Map(
    Object.entries(users).map(([name, account]) => [
      name.toUpperCase(),
      typeof account === 'string' ? { password: account } : account,
    ]),
  );
}

function upperCase(names: readonly string[]): Set<string> {
  return new Set(names.map((name) => name.toUpperCase()));
}

async function listen(server: Server, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

/** Resolves when the port is free and each socket is gone. */
async function stop(listener: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = [listener, ...sockets].map(
    (one) =>
      new Promise<void>((resolve) => {
        one.once('close', () => {
          resolve();
        });
      }),
  );
  listener.close();
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
}
