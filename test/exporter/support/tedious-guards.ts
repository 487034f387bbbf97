/**
 * What a program that must not die, hang or leak has to put around the driver; the tests of the server show each at work.
 */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Connection } from 'tedious';

const PRELOGIN_REPLY = 4;
const HEADER_LENGTH = 8;
const ENCRYPTION_OPTION = 1;
const TERMINATOR = 0xff;
const ENCRYPT_ON = 1;
const ENCRYPT_REQUIRED = 3;

/**
 * A socket of one's own for `options.connector`: whoever holds it can end a connection at any moment of its making, which
 * `Connection.close()` cannot.
 */
export function ownSocket(port: number): { socket: Socket; connector: () => Promise<Socket> } {
  const socket = connect({ host: '127.0.0.1', port });
  const connected = new Promise<Socket>((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('close', () => reject(new Error('closed before it was connected')));
    socket.on('error', reject);
  });
  connected.catch(() => undefined);
  return { socket, connector: () => connected };
}

/**
 * Cuts the connection when the server does not agree to encrypt. With `encrypt: true` alone the driver would go on in the
 * clear, password and all.
 */
export function requireEncryption(socket: Socket): void {
  let reply: Buffer = Buffer.alloc(0);
  const look = (bytes: Buffer): void => {
    reply = Buffer.concat([reply, bytes]);
    const length = reply.length < HEADER_LENGTH ? Infinity : reply.readUInt16BE(2);
    if (reply.length < length) return;
    socket.off('data', look);
    const option = encryptionOption(reply.subarray(HEADER_LENGTH, length));
    if (reply[0] === PRELOGIN_REPLY && (option === ENCRYPT_ON || option === ENCRYPT_REQUIRED)) return;
    socket.destroy(new Error('the server does not encrypt'));
  };
  // Listening before the driver does, this decides before the driver has even seen the reply.
  socket.on('data', look);
}

function encryptionOption(prelogin: Buffer): number | undefined {
  for (let at = 0; at + 5 <= prelogin.length && prelogin[at] !== TERMINATOR; at += 5) {
    if (prelogin[at] === ENCRYPTION_OPTION) return prelogin[prelogin.readUInt16BE(at + 1)];
  }
  return undefined;
}

/**
 * Makes a reply that cannot be read an error of its connection. By itself the driver listens to no error of its token
 * parser: a single wrong byte of a server ends the process.
 */
export function surviveBrokenReplies(connection: Connection): void {
  let isConnecting = true;
  connection.once('connect', () => (isConnecting = false));
  const create = connection.createTokenStreamParser.bind(connection);
  connection.createTokenStreamParser = (message, handler) => {
    const parser = create(message, handler);
    parser.parser.on('error', (error) => {
      connection.socket?.destroy(error);
      // While it connects, the driver waits for the parser alone, and would wait for ever.
      if (isConnecting) parser.emit('error', error);
    });
    return parser;
  };
}
