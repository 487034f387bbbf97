import { once } from 'node:events';
import { isIP, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Connection, Request, TYPES } from 'tedious';
import { TidemarkError } from '../../errors.ts';
import { closeWithin, withDeadline } from '../deadline.ts';
import { sessionName, type SessionDeadlines, type Target } from '../engine.ts';
import { followProgress, loginError, type Progress } from '../login-errors.ts';
import { closedByServer } from '../network.ts';
import { tlsConnectionOptions } from '../tls.ts';
import { surviveBrokenReplies } from './broken-replies.ts';
import { isCertificateError, translate, type ServerMessage } from './errors.ts';
import { LoginGuardedSocket } from './login-guard.ts';

/** Where the login is sent on to, as Azure SQL Database and availability groups do. */
interface Address {
  readonly host: string;
  readonly port: number;
}

/** The driver's own deadline comes after ours, so that it is ours that is reported. */
const driverPatience = 100;

/** Fewer bytes than this are no answer to a PRELOGIN: nothing, or the alert of a server that waits for TLS. */
const packetHeaderLength = 8;

/** A logged-in connection: one statement at a time, each within its deadline. */
export class TdsConnection {
  /** Whether the login and all that followed went over TLS. */
  readonly encrypted: boolean;
  readonly remoteAddress: string | null;
  readonly #driver: Connection;
  readonly #socket: Socket;
  readonly #deadlines: SessionDeadlines;

  constructor(driver: Connection, socket: Socket, encrypted: boolean, deadlines: SessionDeadlines) {
    this.#driver = driver;
    this.#socket = socket;
    this.#deadlines = deadlines;
    this.encrypted = encrypted;
    this.remoteAddress = socket.remoteAddress ?? null;
  }

  /** Whether the connection is gone, by our hand after a timeout or by somebody else's. */
  get isLost(): boolean {
    return this.#socket.destroyed;
  }

  /** @throws TidemarkError `timeout`, after which the connection is gone; else what the driver says */
  query<Row>(statement: string, parameters: Readonly<Record<string, string>> = {}): Promise<Row[]> {
    // A statement cannot be given up without waiting for the server's consent, so the connection goes with it.
    return withDeadline(this.#run<Row>(statement, parameters), {
      milliseconds: this.#deadlines.query,
      name: 'reading the sizes',
      onTimeout: () => this.#socket.destroy(),
    });
  }

  /** The protocol has no farewell: the end of the connection is it. */
  close(): Promise<void> {
    const closed = this.#socket.closed ? Promise.resolve() : once(this.#socket, 'close');
    this.#driver.close();
    return closeWithin(closed, this.#deadlines.close, this.#socket);
  }

  destroy(): void {
    this.#driver.close();
    this.#socket.destroy();
  }

  #run<Row>(statement: string, parameters: Readonly<Record<string, string>>): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      const rows: Row[] = [];
      const request = new Request(statement, (error) => {
        if (error) reject(error);
        else resolve(rows);
      });
      request.on('row', (columns: Record<string, { value: unknown }>) => {
        rows.push(Object.fromEntries(Object.entries(columns).map(([name, { value }]) => [name, value])) as Row);
      });
      for (const [name, value] of Object.entries(parameters)) request.addParameter(name, TYPES.NVarChar, value);
      if (Object.keys(parameters).length > 0) this.#driver.execSql(request);
      else this.#driver.execSqlBatch(request);
    });
  }
}

/**
 * Logs in as the target's TLS mode says, within one deadline for all that this takes.
 * @throws TidemarkError as `Engine.connect` does; nothing stays open then
 */
export async function logIn(target: Target, deadlines: SessionDeadlines): Promise<TdsConnection> {
  const place = `${target.host}:${target.port}`;
  const attempt = new LoginAttempt(target, deadlines, place);
  try {
    return await withDeadline(attempt.run(), {
      milliseconds: deadlines.connect,
      name: `connecting to ${place}`,
      onTimeout: () => attempt.abandon(),
      onLate: (late) => late.destroy(),
    });
  } catch (error) {
    attempt.abandon();
    throw loginError(translate(error, place, target, attempt.messages), 'SQL Server', attempt.progress());
  }
}

/** The making of a connection, which can be given up at any moment. */
class LoginAttempt {
  /** What the server said; of several errors the driver keeps the last. */
  readonly messages: ServerMessage[] = [];
  progress: () => Progress = () => 'unreached';
  readonly #target: Target;
  readonly #deadlines: SessionDeadlines;
  readonly #place: string;
  #abandoned = false;
  /** Whether somebody accepted our connection. */
  #reached = false;
  /** TCP to the server; under TLS-first the driver talks to another socket on top of it. */
  #transport: Socket | undefined;

  constructor(target: Target, deadlines: SessionDeadlines, place: string) {
    this.#target = target;
    this.#deadlines = deadlines;
    this.#place = place;
  }

  /**
   * TDS 7 negotiates TLS in its first message. A server that is set to accept TDS 8 only ("strict encryption") hangs up at
   * that message: it is asked again with TLS first.
   */
  async run(): Promise<TdsConnection> {
    try {
      return await this.#logIn(false);
    } catch (error) {
      if (this.#target.tls.mode === 'disable' || !this.#wasHungUpOn()) throw error;
      return await this.#logIn(true).catch((second: unknown) => {
        // A server that hangs up on this as well is not one that wants TLS.
        throw this.messages.length > 0 || isCertificateError(second) ? second : error;
      });
    }
  }

  abandon(): void {
    this.#abandoned = true;
    // With an error, because without one the driver goes on waiting.
    this.#transport?.destroy(new TidemarkError('timeout', `${this.#place}: given up`));
  }

  #wasHungUpOn(): boolean {
    return this.#reached && !this.#abandoned && (this.#transport?.bytesRead ?? 0) < packetHeaderLength;
  }

  async #logIn(tlsFirst: boolean): Promise<TdsConnection> {
    let socket: Socket | undefined;
    const driver = this.#createDriver(tlsFirst, async (address) => {
      socket = await (tlsFirst ? this.#connectTls(address) : this.#connectTcp(address));
      return socket;
    });
    driver.on('errorMessage', ({ number, message }) => this.messages.push({ number, message }));
    driver.on('secure', () => {
      if (socket instanceof LoginGuardedSocket) socket.secured = true;
    });
    surviveBrokenReplies(driver);
    await new Promise<void>((resolve, reject) => {
      // Without a listener, a connection that is lost while idle would end the process.
      driver.on('error', (error) => {
        socket?.destroy();
        reject(error);
      });
      driver.on('connect', (error) => {
        if (error) reject(error);
        else resolve();
      });
      driver.connect();
    });
    if (socket === undefined || socket.destroyed) {
      throw new TidemarkError('connection_lost', `${this.#place}: ${closedByServer}`);
    }
    const encrypted = tlsFirst || (socket instanceof LoginGuardedSocket && socket.secured);
    return new TdsConnection(driver, socket, encrypted, this.#deadlines);
  }

  #createDriver(tlsFirst: boolean, connect: (address: Address) => Promise<Socket>): Connection {
    const { host, port, database, username, password, tls } = this.#target;
    const options = tlsConnectionOptions(this.#target);
    return new Connection({
      server: host,
      authentication: { type: 'default', options: { userName: username, password: password?.reveal() ?? '' } },
      options: {
        port,
        ...(database === '' ? {} : { database }),
        appName: sessionName,
        // The driver calls it with the address, of which its types know nothing.
        connector: (address: Address = { host, port }) => connect(address),
        encrypt: options !== null && !tlsFirst,
        trustServerCertificate: tls.mode !== 'verify-full',
        cryptoCredentialsDetails: { ca: options?.ca, cert: options?.cert, key: options?.key },
        ...this.#tlsName(),
        connectTimeout: this.#deadlines.connect + driverPatience,
        requestTimeout: 0,
        maxRetriesOnTransientErrors: 0,
        // Lets us look into replicas that are open to such sessions only. Of a listener it would choose another server than
        // the one that is named, but for master there is no such choice.
        readOnlyIntent: database === '' || database === 'master',
        useColumnNames: true,
      },
    });
  }

  /** An address is no name for TLS, and the driver uses it as one; where nobody looks at the name, any will do. */
  #tlsName(): { serverName?: string } {
    const { host, tls } = this.#target;
    if (tls.server_name !== undefined) return { serverName: tls.server_name };
    return tls.mode !== 'verify-full' && isIP(host) > 0 ? { serverName: 'localhost' } : {};
  }

  async #connectTcp({ host, port }: Address): Promise<Socket> {
    const { mode } = this.#target.tls;
    const socket = new LoginGuardedSocket(this.#place, mode === 'disable' || mode === 'prefer');
    return this.#connect(socket, host, port);
  }

  async #connectTls({ host, port }: Address): Promise<Socket> {
    const transport = await this.#connect(new Socket(), host, port);
    const { server_name: serverName } = this.#target.tls;
    const socket = connectTls({
      socket: transport,
      ALPNProtocols: ['tds/8.0'],
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...tlsConnectionOptions({ ...this.#target, host }),
      ...(serverName === undefined ? {} : { servername: serverName }),
    });
    transport.once('close', () => socket.destroy(new Error('the connection ended')));
    // Errors are the driver's to report; those that come after its end are nobody's.
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  }

  async #connect(socket: Socket, host: string, port: number): Promise<Socket> {
    this.#transport = socket;
    this.progress = followProgress(socket);
    socket.on('error', () => undefined);
    if (this.#abandoned) throw new TidemarkError('timeout', `${this.#place}: given up`);
    socket.connect({ host, port });
    await once(socket, 'connect');
    this.#reached = true;
    return socket;
  }
}
