/**
 * A server that speaks SQL Server's protocol, TDS 7.4, to real drivers. There is no SQL behind it: a test says which
 * statements it expects, and what they are answered with. So it proves our code against the drivers, not against the
 * dictionary views of a real server.
 */
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { StageFault, TdsServerOptions } from './options.ts';
import { settingsOf } from './options.ts';
import type { TdsRecord } from './record.ts';
import { emptyRecord } from './record.ts';
import { Session } from './session.ts';

export interface TdsServer extends Readonly<TdsRecord> {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Connections that are open now. */
  readonly sockets: number;
  /** Connections that were ever accepted. */
  readonly accepted: number;
  /** Puts a fault at a stage, for connections that are open as well; without one, takes it away. */
  setFault(fault?: StageFault): void;
  /** Cuts all connections, and waits until they are gone; once is enough, more does no harm. */
  close(): Promise<void>;
}

/** @throws TypeError when the encryption asked for needs a certificate and there is none */
export async function startTdsServer(options: TdsServerOptions): Promise<TdsServer> {
  const settings = settingsOf(options);
  const record = emptyRecord();
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    new Session(socket, settings, record);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    port,
    logins: record.logins,
    statements: record.statements,
    settings: record.settings,
    unexpected: record.unexpected,
    tlsFailures: record.tlsFailures,
    get attentions() {
      return record.attentions;
    },
    get sockets() {
      return sockets.size;
    },
    get accepted() {
      return accepted;
    },
    setFault(fault) {
      settings.fault = fault;
    },
    close() {
      closing ??= closeAll(server, sockets);
      return closing;
    },
  };
}

async function closeAll(server: Server, sockets: Set<Socket>): Promise<void> {
  const closed = [...sockets].map((socket) => once(socket, 'close'));
  closed.push(once(server, 'close'));
  server.close();
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
}

export type { Answer, Handler, ResultSet, Row } from './answers.ts';
export { permissionDenied, TdsError } from './answers.ts';
export type { Stage, TdsServerOptions } from './options.ts';
export type { Encryption } from './prelogin.ts';
export type { Column, Value } from './values.ts';
