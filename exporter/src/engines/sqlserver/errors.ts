import { codeOf, messageOf, TidemarkError, type ErrorCode } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { closedByServer, networkError } from '../network.ts';
import { quoteName } from './server.ts';

/** A message of the server, with the number that its documentation lists it under. */
export interface ServerMessage {
  readonly number: number;
  readonly message: string;
}

const serverCodes: Readonly<Record<number, ErrorCode>> = {
  // The login: wrong, untrusted domain, disabled, locked, expired; refused by Azure's firewall.
  18456: 'access_denied',
  18452: 'access_denied',
  18470: 'access_denied',
  18486: 'access_denied',
  18487: 'access_denied',
  18488: 'access_denied',
  40615: 'access_denied',
  4060: 'database_unknown',
  4063: 'database_unknown',
  4064: 'database_unknown',
  229: 'permission_denied',
  262: 'permission_denied',
  297: 'permission_denied',
  300: 'permission_denied',
  371: 'permission_denied',
  916: 'permission_denied',
  10928: 'too_many_connections',
  10929: 'too_many_connections',
  17809: 'too_many_connections',
  40501: 'too_many_connections',
  // Starting, stopping, paused, being upgraded or moved.
  6005: 'connection_refused',
  17142: 'connection_refused',
  17187: 'connection_refused',
  18401: 'connection_refused',
  40197: 'connection_refused',
  40613: 'connection_refused',
};

/** A replica of an availability group or a mirror that nobody may read: nothing is wrong with it. */
const unreadableReplica = new Set([954, 976, 978, 982, 983]);

const dropped = 911;

/** Taken offline or set to another state since it was listed, or in use by its single user. */
const unavailable = new Set([921, 922, 924, 927, 942, 945, 952, 955]);

const driverCodes: Readonly<Record<string, ErrorCode>> = {
  ETIMEOUT: 'timeout',
  ECLOSE: 'connection_lost',
  EINVALIDSTATE: 'connection_lost',
  ESOCKET: 'connection_lost',
  ELOGIN: 'access_denied',
};

/** A driver's or server's error in our terms; `messages` are what the server said before, the driver keeps the last only. */
export function translate(
  error: unknown,
  place: string,
  target: Target,
  messages: readonly ServerMessage[] = [],
): TidemarkError {
  const chain = causesOf(error);
  const ours = chain.find((link) => link instanceof TidemarkError);
  if (ours !== undefined) return ours;
  const said = [...messages, ...chain.flatMap(serverMessagesOf)];
  const telling = said.find(({ number }) => serverCodes[number] !== undefined);
  if (telling !== undefined) return serverError(telling, place, target, error);
  for (const link of chain) {
    const network = networkError(link, place);
    if (network !== null) return network;
  }
  if (codeOf(error) === 'EENCRYPT') {
    const message = `${place}: the server accepts encrypted connections only: set tls.mode to prefer, require or verify-full`;
    return new TidemarkError('tls_failed', message, { cause: error });
  }
  if (said.length > 0) return new TidemarkError('query_failed', `${place}: ${textOf(said)}`, { cause: error });
  const code = chain.map((link) => driverCodes[codeOf(link) ?? '']).find((known) => known !== undefined);
  const text = code === 'connection_lost' ? closedByServer : messageOf(error);
  return new TidemarkError(code ?? 'protocol_error', `${place}: ${text}`, { cause: error });
}

function serverError(telling: ServerMessage, place: string, target: Target, cause: unknown): TidemarkError {
  const code = serverCodes[telling.number] ?? 'query_failed';
  const { username, database } = target;
  const remedies: Partial<Record<ErrorCode, string>> = {
    access_denied: `access denied for ${username}: check user name and password, and that the login is enabled`,
    database_unknown:
      `the database ${database} does not exist, or ${username} may not open it: ` +
      `run USE ${quoteName(database)}; CREATE USER ${quoteName(username)} FOR LOGIN ${quoteName(username)};`,
    connection_refused: 'the server takes no logins now: it starts, stops, is paused or moved',
  };
  const remedy = remedies[code];
  const text = remedy === undefined ? telling.message : `${remedy} (${telling.message})`;
  return new TidemarkError(code, `${place}: ${text}`, { cause });
}

/** Whether asking inside a database failed because of what the database is, not because of what we may. */
export function isUnreadableReplica(error: unknown): boolean {
  return hasNumber(error, unreadableReplica);
}

/** Whether a database is not available any more, or not to us while somebody else has it alone. */
export function isUnavailable(error: unknown): boolean {
  return hasNumber(error, unavailable);
}

/** Whether a database that was listed is no more. */
export function isDropped(error: unknown): boolean {
  return serverNumbersOf(error).includes(dropped);
}

export function isPermissionError(error: unknown): boolean {
  return serverNumbersOf(error).some((number) => serverCodes[number] === 'permission_denied');
}

/** Whether TLS failed because the certificate of the server was looked at and not accepted. */
export function isCertificateError(error: unknown): boolean {
  return causesOf(error).some(isCertificateCode);
}

function hasNumber(error: unknown, numbers: ReadonlySet<number>): boolean {
  return serverNumbersOf(error).some((number) => numbers.has(number));
}

function serverNumbersOf(error: unknown): number[] {
  return causesOf(error)
    .flatMap(serverMessagesOf)
    .map(({ number }) => number);
}

/** Several errors of one statement arrive as one AggregateError. */
function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let link = error; link !== undefined && causes.length < 10; link = (link as { cause?: unknown }).cause) {
    causes.push(link);
    if (link instanceof AggregateError) causes.push(...(link.errors as unknown[]));
    if (typeof link !== 'object' || link === null) break;
  }
  return causes;
}

function serverMessagesOf(error: unknown): ServerMessage[] {
  if (!(error instanceof Error) || !('number' in error) || typeof error.number !== 'number') return [];
  return [{ number: error.number, message: error.message }];
}

function isCertificateCode(error: unknown): boolean {
  return /CERT|UNABLE_TO_|ALTNAME/.test(codeOf(error) ?? '');
}

function textOf(messages: readonly ServerMessage[]): string {
  return messages.map(({ message }) => message).join('; ');
}
