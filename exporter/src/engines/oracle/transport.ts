import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import { codeOf, messageOf, TidemarkError } from '../../errors.ts';
import { currentAttempt, TlsUnspoken, type OwnedSockets } from './sockets.ts';

/** The part of the thin driver's TCP adapter that is used here (oracledb 26.0, lib/thin/sqlnet/ntTcp.js). */
interface Transport {
  stream: Socket;
  connStream: Socket;
}

interface TransportPrototype {
  connect: (this: Transport, address: { readonly protocol?: string }) => Promise<void>;
  tlsConnect: (this: Transport, context: SecureContext, socket: Socket) => Promise<void>;
}

/** How the end of a handshake looks with a listener that speaks no TLS. */
const unspoken = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_UNEXPECTED_MESSAGE',
]);

let ready = false;

/**
 * Gives TLS in thin mode the meaning that it has for the other engines. The driver itself always verifies, against Node's
 * roots or a "wallet" that must hold a client's key besides the CA, and always the name that was connected to: it can do
 * neither `require` nor `server_name`, and its redirects follow whatever protocol the listener names. So the handshake of our
 * own connections, and of nobody else's, is made here, with Node's options.
 * @throws TidemarkError `protocol_error` with a driver that is not built like this: rather no connection than an unsafe one
 */
export function takeOverTransport(): void {
  if (ready) return;
  const prototype = transportPrototype();
  const { connect, tlsConnect } = prototype;
  prototype.connect = async function (address) {
    currentAttempt()?.admit(address.protocol);
    await connect.call(this, address);
  };
  prototype.tlsConnect = async function (context, socket) {
    const attempt = currentAttempt();
    if (attempt === undefined) await tlsConnect.call(this, context, socket);
    else await secure(this, socket, attempt);
  };
  ready = true;
}

function transportPrototype(): TransportPrototype {
  try {
    const load = createRequire(import.meta.url);
    const { prototype } = load('oracledb/lib/thin/sqlnet/ntTcp.js') as { prototype: Partial<TransportPrototype> };
    if (typeof prototype.connect !== 'function' || typeof prototype.tlsConnect !== 'function') {
      throw new Error('its transport has changed');
    }
    return prototype as TransportPrototype;
  } catch (error) {
    const message = `this version of the oracledb driver cannot be used: ${messageOf(error)}`;
    throw new TidemarkError('protocol_error', message, { cause: error });
  }
}

/** The handshake. Called a second time on the same TCP connection when the listener hands it over to a server process. */
async function secure(transport: Transport, socket: Socket, attempt: OwnedSockets): Promise<void> {
  transport.stream.removeAllListeners();
  // It hears of the end of the connection too: an error that nobody listens to would end the process.
  transport.stream.on('error', () => undefined);
  const secured = connectTls({ ...attempt.protection.tls, socket });
  transport.stream = secured;
  const { patience } = attempt.protection;
  const silence = new TlsUnspoken('no answer to the handshake');
  const timer = patience === null ? undefined : setTimeout(() => secured.destroy(silence), patience);
  try {
    await new Promise<void>((resolve, reject) => {
      secured.once('secureConnect', resolve);
      secured.once('error', (error: Error) => reject(asHandshakeError(error)));
      secured.once('close', () => reject(new TlsUnspoken('the connection was closed during the handshake')));
    });
  } catch (error) {
    attempt.failed(error as Error);
    throw error;
  } finally {
    clearTimeout(timer);
  }
  transport.connStream = socket;
  attempt.secured(secured);
}

function asHandshakeError(error: Error): Error {
  return unspoken.has(codeOf(error) ?? '') ? new TlsUnspoken(error.message, { cause: error }) : error;
}
