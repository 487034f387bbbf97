import { codeOf, messageOf, TidemarkError, type ErrorCode } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { wrongProtocol } from '../login-errors.ts';
import { closedByServer, networkError } from '../network.ts';

export const timedOut = '57014';
/** "database with OID … does not exist": the code changed with the version. */
export const databaseGone = ['3D000', '42704'];

const serverCodes: Readonly<Record<string, ErrorCode>> = {
  '28P01': 'access_denied',
  '28000': 'access_denied',
  '3D000': 'database_unknown',
  '42501': 'permission_denied',
  '53300': 'too_many_connections',
  // Ended by an administrator, a shutdown or the crash of a neighbour.
  '57P01': 'connection_lost',
  '57P02': 'connection_lost',
  '57P03': 'connection_refused',
  [timedOut]: 'timeout',
};

/** What the driver, and what guards it, say of an answer that is none. */
const otherProtocol = /error establishing an SSL connection|received invalid response|not the protocol of PostgreSQL/;

/** A driver's or server's error in our terms. The server's text is kept: it names roles and databases, never a password. */
export function translate(error: unknown, place: string, target: Target): TidemarkError {
  if (error instanceof TidemarkError) return error;
  const network = networkError(error, place);
  if (network !== null) return network;
  const text = messageOf(error);
  const code = serverCodes[codeOf(error) ?? ''];
  if (code === 'access_denied') {
    const message = `${place}: access denied for user ${target.username}: check user name, password and pg_hba.conf (${text})`;
    return new TidemarkError(code, message, { cause: error });
  }
  if (code !== undefined) return new TidemarkError(code, `${place}: ${text}`, { cause: error });
  if (text.includes('password must be a string')) {
    return new TidemarkError(
      'access_denied',
      `${place}: access denied: the server asks for a password and none is set`,
      {
        cause: error,
      },
    );
  }
  if (/Connection terminated|not queryable|Client has encountered/.test(text)) {
    return new TidemarkError('connection_lost', `${place}: ${closedByServer}`, { cause: error });
  }
  if (text.includes('does not support SSL')) {
    const message = `${place}: the server offers no TLS: switch it on there, or set tls.mode to prefer (${text})`;
    return new TidemarkError('tls_failed', message, { cause: error });
  }
  if (otherProtocol.test(text)) return wrongProtocol(place, 'PostgreSQL', text, error);
  const kind = codeOf(error) === undefined ? 'protocol_error' : 'query_failed';
  return new TidemarkError(kind, `${place}: ${text}`, { cause: error });
}
