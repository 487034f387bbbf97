import { codeOf, messageOf, TidemarkError, type ErrorCode } from '../errors.ts';

const networkCodes: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'host_unknown',
  EAI_AGAIN: 'host_unknown',
  ECONNREFUSED: 'connection_refused',
  EHOSTUNREACH: 'connection_refused',
  ENETUNREACH: 'connection_refused',
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
  ETIMEDOUT: 'timeout',
};

/** What Node and OpenSSL call their refusals, and mysql2 all of them. */
const tlsCode =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|HANDSHAKE_SSL_ERROR$)/;

/** Said of every connection that ends too early. */
export const closedByServer = 'the server closed the connection: look into its log';

const remedies: Partial<Record<ErrorCode, string>> = {
  host_unknown: 'the host name does not resolve: check the host of the instance',
  connection_refused: 'nothing listens there, or a firewall refuses: check host and port, and that the server runs',
  connection_lost: closedByServer,
  timeout: 'no answer from the network: check host, port and firewall',
};

/** What went wrong on the way to a server, or null where the error is not one of the network. */
export function networkError(error: unknown, place: string): TidemarkError | null {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = networkCodes[codeOf(first) ?? ''];
  if (tlsCode.test(codeOf(first) ?? '')) {
    const message = `${place}: no encrypted connection (${messageOf(first)}): check the certificate of the server and tls of the instance`;
    return new TidemarkError('tls_failed', message, { cause: error });
  }
  if (code === undefined) return null;
  return new TidemarkError(code, `${place}: ${remedies[code] ?? messageOf(first)}`, { cause: error });
}
