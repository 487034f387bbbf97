/**
 * How a test sets up its SQL Server.
 */
import type { Certificate } from '../certificates.ts';
import type { Handler, TdsError } from './answers.ts';
import type { LoginProperties } from './login7.ts';
import type { Encryption } from './prelogin.ts';
import type { ServerVersion } from './version.ts';

/**
 * Where a connection can be made to go wrong: before the server answers what the name says.
 *
 * `login reply` and `reply` come after the first half of the answer was sent; `settings` are the SET statements that a
 * driver sends by itself after its login.
 */
export type Stage = 'accept' | 'prelogin' | 'tls' | 'login' | 'login reply' | 'settings' | 'statement' | 'reply';

/** What happens there: silence with the socket left open, FIN, or RST. */
export interface StageFault {
  at: Stage;
  as: 'mute' | 'close' | 'reset';
}

export interface TdsServerOptions {
  /** Passwords by user name. */
  users: Record<string, string>;
  handlers?: readonly Handler[];
  /** The databases that exist; without a list, any name does. `master` always exists. */
  databases?: readonly string[];
  /** Databases that exist, but not for these users. */
  deniedDatabases?: readonly string[];
  encryption?: Encryption;
  /** Needed unless encryption is `off` or `stripped`. */
  certificate?: Certificate;
  /** `16.0.4165` (SQL Server 2022) by default. */
  version?: ServerVersion;
  /** `@@SERVERNAME`, which every message of the server carries. */
  serverName?: string;
  fault?: StageFault;
  /** Whether cancelling is answered; an ignored attention leaves the client waiting. */
  attention?: 'answer' | 'ignore';
  /** Bytes that the login reply sets for packets, where they are not to be those that were agreed on. */
  announcedPacketSize?: number;
  /** Where a login is sent on to, as by the gateway of Azure SQL Database. */
  redirectTo?: { host: string; port: number };
  /** Turns a login down with errors of the test's choosing, before users and databases are looked at. */
  refuseLogin?: (login: LoginProperties) => readonly TdsError[] | undefined;
}

/** The options with their defaults filled in; `fault` can be changed while the server runs. */
export interface TdsServerSettings extends Omit<TdsServerOptions, 'fault'> {
  handlers: readonly Handler[];
  encryption: Encryption;
  version: ServerVersion;
  serverName: string;
  fault: StageFault | undefined;
  attention: 'answer' | 'ignore';
}

export function settingsOf(options: TdsServerOptions): TdsServerSettings {
  const { encryption = 'off', certificate } = options;
  if (!['off', 'stripped'].includes(encryption) && !certificate) {
    throw new TypeError(`encryption '${encryption}' needs a certificate`);
  }
  return {
    ...options,
    handlers: options.handlers ?? [],
    encryption,
    version: options.version ?? '16.0.4165',
    serverName: options.serverName ?? 'TESTSQL',
    fault: options.fault,
    attention: options.attention ?? 'answer',
  };
}
