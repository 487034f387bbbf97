import { codeOf, messageOf, TidemarkError, type ErrorCode } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { closedByServer, networkError } from '../network.ts';
import { TlsUnspoken } from './sockets.ts';

interface Translation {
  readonly code: ErrorCode;
  /** What to do, for a user and a database; without one the server's text has to be enough. */
  readonly remedy?: (target: Target) => string;
}

const denied = (remedy: string): Translation => ({ code: 'access_denied', remedy: () => remedy });
const unknownName = (kind: string): Translation => ({
  code: 'database_unknown',
  remedy: ({ database }) =>
    `the listener knows no ${kind} "${database}": lsnrctl services lists what it knows; one whose database is not open is missing there`,
});
const full: Translation = { code: 'too_many_connections' };
const thickMode = 'set TIDEMARK_ORACLE_CLIENT_DIR to Oracle Client libraries (thick mode)';
const notOpen: Translation = {
  code: 'database_unreadable',
  remedy: () =>
    'the database is not open: run ALTER DATABASE OPEN; or, for a pluggable one, ALTER PLUGGABLE DATABASE … OPEN;',
};

/** By the codes of the server (ORA) and of the driver (NJS). */
const translations: Readonly<Record<string, Translation>> = {
  'ORA-01017': denied('check user name and password'),
  'ORA-01005': denied('a password is needed'),
  'NJS-101': denied('user name and password are needed'),
  'ORA-28000': {
    code: 'access_denied',
    remedy: ({ username }) => `the account is locked: run ALTER USER ${username} ACCOUNT UNLOCK;`,
  },
  'ORA-28001': {
    code: 'access_denied',
    remedy: ({ username }) => `the password has expired: run ALTER USER ${username} IDENTIFIED BY …;`,
  },
  'ORA-28040': denied(`the server and thin mode share no way to check a password: ${thickMode}`),
  'NJS-116': denied(`thin mode cannot use the old hash of this password: set the password anew, or ${thickMode}`),
  'ORA-01045': {
    code: 'permission_denied',
    remedy: ({ username }) => `run GRANT CREATE SESSION TO ${username};`,
  },
  'NJS-518': unknownName('service'),
  'NJS-519': unknownName('SID'),
  'ORA-12514': unknownName('service'),
  'ORA-12505': unknownName('SID'),
  'ORA-00018': full,
  'ORA-00020': full,
  'ORA-02391': full,
  'ORA-12516': full,
  'ORA-12519': full,
  'ORA-12520': full,
  'ORA-01033': notOpen,
  'ORA-01034': notOpen,
  'ORA-01109': notOpen,
  'ORA-01219': notOpen,
  'NJS-138': { code: 'server_too_old', remedy: () => `thin mode needs Oracle 12.1 or newer: ${thickMode}` },
  'NJS-533': {
    code: 'protocol_error',
    remedy: () => `thin mode has no native network encryption: use TCPS, or ${thickMode}`,
  },
  'NJS-123': { code: 'timeout' },
  'NJS-510': { code: 'timeout' },
  'NJS-530': { code: 'host_unknown', remedy: () => 'the host name does not resolve: check the host of the instance' },
  'NJS-500': { code: 'connection_lost', remedy: () => closedByServer },
  'NJS-003': { code: 'connection_lost', remedy: () => 'the connection is closed' },
  'NJS-511': { code: 'connection_refused' },
};

/** Whether a statement was refused for want of a privilege; Oracle rather says that there is no such view. */
export function lacksPrivilege(error: unknown): boolean {
  return ['ORA-00942', 'ORA-01031', 'ORA-41900'].includes(codeOf(error) ?? '');
}

/** A driver's or server's error in our terms. The server's text names users and views, never a password. */
export function translate(error: unknown, place: string, target: Target): TidemarkError {
  if (error instanceof TidemarkError) return error;
  const text = textOf(error);
  const say = (code: ErrorCode, message: string) => new TidemarkError(code, `${place}: ${message}`, { cause: error });
  if (error instanceof TlsUnspoken) {
    const remedy = 'TCPS has a port of its own: set the port, or another tls.mode';
    return say('protocol_error', `the listener speaks no TLS on this port (${text}): ${remedy}`);
  }
  const code = codeOf(error) ?? '';
  const network = networkError(networkCauseOf(error), place);
  if (network !== null && !code.startsWith('ORA-')) return network;
  // A refusal of the listener holds its reason in the text.
  const reason = code === 'NJS-511' ? (/ORA-\d{5}/.exec(text)?.[0] ?? code) : code;
  const translation = translations[reason] ?? translations[code];
  if (translation !== undefined) {
    const remedy = translation.remedy?.(target);
    const message = remedy === undefined ? text : `${remedy} (${text})`;
    if (translation.code !== 'access_denied') return say(translation.code, message);
    return say(translation.code, `access denied for user ${target.username}: ${message}`);
  }
  return say(code.startsWith('ORA-') ? 'query_failed' : 'protocol_error', text);
}

/** The message without the link to Oracle's help and the identifier of the connection. */
function textOf(error: unknown): string {
  return messageOf(error)
    .split('\n')
    .filter((line) => !line.startsWith('Help: '))
    .join(' ')
    .replace(/ ?\(CONNECTION_ID=[^)]*\)/g, '')
    .trim();
}

/** The driver keeps Node's code in its text only: "NJS-503: connection to … could not be established … connect ECONNREFUSED". */
function networkCauseOf(error: unknown): unknown {
  const code = /\b(E[A-Z]{4,}|EPIPE|EAI_AGAIN)\b/.exec(messageOf(error))?.[1];
  return code === undefined ? error : { code };
}
