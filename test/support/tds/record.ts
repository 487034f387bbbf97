/**
 * What a server saw, for tests to assert on.
 */
import type { Statement } from './answers.ts';
import type { LoginProperties } from './login7.ts';

export interface RecordedLogin extends LoginProperties {
  /** The LOGIN7 message, and the password in it, came through TLS. */
  encrypted: boolean;
  accepted: boolean;
}

export interface TdsRecord {
  /** Every LOGIN7, in order. */
  logins: RecordedLogin[];
  /** Every statement but SET and USE, in order, whether it was expected or not. */
  statements: Statement[];
  /** Batches that do nothing but SET session options, normalised: a driver's own, and the caller's. */
  settings: string[];
  /** Messages that asked to cancel. */
  attentions: number;
  /** Statements without a handler, and messages that the server does not know. A test that expects none fails loudly. */
  unexpected: string[];
  /** Codes of handshakes that failed, such as a client that does not trust the certificate. */
  tlsFailures: string[];
}

export function emptyRecord(): TdsRecord {
  return { logins: [], statements: [], settings: [], attentions: 0, unexpected: [], tlsFailures: [] };
}
