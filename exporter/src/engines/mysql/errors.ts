import { codeOf, messageOf, TidemarkError, type ErrorCode } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { closedByServer, networkError } from '../network.ts';

/** The driver's code for a server that has no TLS. */
export const withoutTls = 'HANDSHAKE_NO_SSL_SUPPORT';

const serverCodes: Readonly<Record<string, ErrorCode>> = {
  ER_ACCESS_DENIED_ERROR: 'access_denied',
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: 'access_denied',
  ER_NOT_SUPPORTED_AUTH_MODE: 'access_denied',
  ER_HOST_NOT_PRIVILEGED: 'access_denied',
  ER_DBACCESS_DENIED_ERROR: 'permission_denied',
  ER_TABLEACCESS_DENIED_ERROR: 'permission_denied',
  ER_SPECIFIC_ACCESS_DENIED_ERROR: 'permission_denied',
  ER_BAD_DB_ERROR: 'database_unknown',
  ER_CON_COUNT_ERROR: 'too_many_connections',
  ER_TOO_MANY_USER_CONNECTIONS: 'too_many_connections',
  ER_USER_LIMIT_REACHED: 'too_many_connections',
  ER_QUERY_TIMEOUT: 'timeout',
  ER_STATEMENT_TIMEOUT: 'timeout',
  PROTOCOL_INCORRECT_PACKET_SEQUENCE: 'protocol_error',
};

/** A driver's or server's error in our terms. The server's text names users and schemas, never a password. */
export function translate(error: unknown, place: string, target: Target): TidemarkError {
  if (error instanceof TidemarkError) return error;
  const network = networkError(error, place);
  if (network !== null) return network;
  const text = messageOf(error);
  if (codeOf(error) === 'PROTOCOL_CONNECTION_LOST') {
    return new TidemarkError('connection_lost', `${place}: ${closedByServer}`, { cause: error });
  }
  if (codeOf(error) === withoutTls) {
    const message = `${place}: the server offers no TLS: switch it on there, or set tls.mode to prefer (${text})`;
    return new TidemarkError('tls_failed', message, { cause: error });
  }
  const code = serverCodes[codeOf(error) ?? ''];
  if (code === 'access_denied') {
    const message = `${place}: access denied for user ${target.username}: check user name, password and host (${text})`;
    return new TidemarkError(code, message, { cause: error });
  }
  // What a server says of its own accord comes without a name: that it shuts down, or ends an idle session.
  if (typeof (error as { code?: unknown }).code === 'number') {
    return new TidemarkError('connection_lost', `${place}: the server ended the session (${text})`, { cause: error });
  }
  const kind = code ?? (typeof (error as { errno?: unknown }).errno === 'number' ? 'query_failed' : 'protocol_error');
  return new TidemarkError(kind, `${place}: ${text}`, { cause: error });
}
