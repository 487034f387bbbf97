import type { Socket } from 'node:net';
import { TidemarkError } from '../errors.ts';
import { closedByServer } from './network.ts';

/** How far a connection got: nobody took it, somebody took it and said nothing, or there were words. */
export type Progress = 'unreached' | 'silent' | 'spoken';

/** Looks on from before a socket connects; what it returns may be asked at any time, also when the socket is gone. */
export function followProgress(socket: Socket): () => Progress {
  let reached = false;
  socket.once('connect', () => (reached = true));
  return () => {
    if (!reached) return 'unreached';
    return socket.bytesRead === 0 ? 'silent' : 'spoken';
  };
}

/**
 * The error of a login with what is to be checked: where a server waits for another protocol, it is silent or hangs up, and
 * neither the network nor the log of a server is to blame.
 * @param product what was expected there, as its users call it
 */
export function loginError(error: TidemarkError, product: string, progress: Progress): TidemarkError {
  const remedy = remedyOf(error, product, progress);
  if (remedy === null || error.message.includes(remedy.slice(2))) return error;
  return new TidemarkError(error.code, `${error.message}${remedy}`, { cause: error.cause, details: error.details });
}

function remedyOf({ code, message }: TidemarkError, product: string, progress: Progress): string | null {
  if (code === 'connection_lost' && message.includes(closedByServer)) {
    return `; if that is no ${product}: check engine and port`;
  }
  if (code !== 'timeout') return null;
  return {
    unreached: ': no answer from the network: check host, port and firewall',
    silent: `: the connection was accepted, but nothing was said: that is no ${product}, or one that hangs: check engine and port`,
    spoken: ': the server began to answer and fell silent: look into its log, and check engine and port',
  }[progress];
}

/** Whoever answers, but in another protocol. @param text what the driver says of it */
export function wrongProtocol(place: string, product: string, text: string, cause: unknown): TidemarkError {
  const message = `${place}: what listens there does not speak the protocol of ${product}: check engine and port (${text})`;
  return new TidemarkError('protocol_error', message, { cause });
}
