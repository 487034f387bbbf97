import { once } from 'node:events';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import mysql, { type Connection } from 'mysql2';
import { CachingSha2 } from './authentication.ts';

/** A result set; every value travels as text, as MySQL's text protocol has it. */
export interface ResultSet {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface ServerError {
  readonly code: number;
  readonly message: string;
}

export interface Mysql8Options {
  readonly user: string;
  readonly password: string;
  /** Whether the account's digest is cached, so that no full authentication is asked for. */
  readonly cached: boolean;
  /** What to answer, by statement with its white space folded. Undefined: the statement is unexpected. */
  readonly answer: (sql: string) => ResultSet | ServerError | 'ok' | undefined;
}

export interface Mysql8Server {
  readonly port: number;
  readonly statements: readonly string[];
  /** Statements that nobody foresaw: a test fails when there are any. */
  readonly unexpected: readonly string[];
  readonly sockets: () => number;
  close(): Promise<void>;
}

/** What mysql2's server side has and does not declare. */
interface ServerConnection extends Connection {
  stream: Socket;
  sequenceId: number;
  _bumpSequenceId(packets: number): void;
  _command: ServerCommand;
  serverHandshake(options: object): void;
  writeOk(): void;
  writeError(error: ServerError): void;
  writeTextResult(rows: object[], columns: object[]): void;
}

interface ServerCommand {
  next: unknown;
  /** @returns whether the command is done */
  execute?(packet: ReceivedPacket): boolean;
  readonly constructor: { prototype: { dispatchCommands: unknown } };
}

interface ReceivedPacket {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly end: number;
}

const accessDenied = 1045;
const capabilities = 0x0088a28d; // protocol 4.1, transactions, secure connection, plugin authentication, connect with database

/** A server with the dialect and the login of MySQL 8, made of mysql2's own server side. */
export async function startMysql8(options: Mysql8Options): Promise<Mysql8Server> {
  const statements: string[] = [];
  const unexpected: string[] = [];
  const sockets = new Set<Socket>();
  const server = mysql.createServer((connection) => {
    const serverSide = connection as unknown as ServerConnection;
    sockets.add(serverSide.stream);
    serverSide.stream.on('close', () => sockets.delete(serverSide.stream));
    serverSide.on('error', () => undefined);
    greet(serverSide, options);
    const respond = (sql: string): void => {
      const folded = sql.replace(/\s+/g, ' ').trim();
      statements.push(folded);
      answer(serverSide, folded, options, unexpected);
    };
    serverSide.on('query', respond);
    // mysql2 announces SET statements under this name.
    serverSide.on('stmt_prepare', respond);
  });
  const net = (server as unknown as { _server: NetServer })._server;
  net.listen(0, '127.0.0.1');
  await once(net, 'listening');
  return {
    port: (net.address() as AddressInfo).port,
    statements,
    unexpected,
    sockets: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      net.close();
      await once(net, 'close');
    },
  };
}

function greet(connection: ServerConnection, options: Mysql8Options): void {
  connection.serverHandshake({
    protocolVersion: 10,
    serverVersion: '8.0.41',
    connectionId: 7,
    statusFlags: 2,
    characterSet: 255,
    capabilityFlags: capabilities,
    authCallback: ({ user }: { user: string }) => {
      const method = new CachingSha2(options.password, options.cached);
      // mysql2 goes on to commands by itself: the conversation of the plugin is put in between.
      process.nextTick(() => converse(connection, method, user === options.user));
    },
  });
}

function converse(connection: ServerConnection, method: CachingSha2, knownUser: boolean): void {
  const command = connection._command;
  // By itself mysql2 takes each packet that begins with 0xff for an error, and one digest in 256 does.
  command.execute = (packet) => {
    for (const step of method.next(packet.buffer.subarray(packet.offset, packet.end))) {
      if ('send' in step) sendRaw(connection, step.send);
      else if (step.granted && knownUser) connection.writeOk();
      else connection.writeError({ code: accessDenied, message: `Access denied for user 'tidemark'@'localhost'` });
      if ('granted' in step) {
        // Each command counts its packets from 0.
        connection.sequenceId = 0;
        command.next = command.constructor.prototype.dispatchCommands;
        delete command.execute;
      }
    }
    return false;
  };
  sendRaw(connection, method.switchRequest());
}

function sendRaw(connection: ServerConnection, payload: Buffer): void {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = connection.sequenceId;
  connection.stream.write(Buffer.concat([header, payload]));
  connection._bumpSequenceId(1);
}

function answer(connection: ServerConnection, sql: string, options: Mysql8Options, unexpected: string[]): void {
  const found = options.answer(sql);
  if (found === undefined) {
    unexpected.push(sql);
    connection.writeError({ code: 1064, message: `unexpected statement: ${sql}` });
  } else if (found === 'ok') connection.writeOk();
  else if ('code' in found) connection.writeError(found);
  else {
    const columns = found.columns.map((name) => ({
      ...{ catalog: 'def', schema: '', table: '', orgTable: '', name, orgName: name },
      ...{ characterSet: 255, columnLength: 1024, columnType: 253, flags: 0, decimals: 0 },
    }));
    const rows = found.rows.map((row) => new Map(row.map((value, index) => [found.columns[index] ?? '', value])));
    connection.writeTextResult(
      rows.map((row) => Object.fromEntries(row)),
      columns,
    );
  }
  connection.sequenceId = 0;
}
