/**
 * The server's side of a login: whom it lets in, and what it says to both kinds.
 */
import { TdsError } from './answers.ts';
import type { LoginProperties } from './login7.ts';
import type { TdsServerSettings } from './options.ts';
import { databaseChanged } from './replies.ts';
import {
  collationChange,
  done,
  DoneStatus,
  DoneToken,
  languageChange,
  loginAck,
  messageToken,
  packetSizeChange,
  routingChange,
} from './tokens.ts';

const DEFAULT_DATABASE = 'master';
const MIN_PACKET_SIZE = 512;
const MAX_PACKET_SIZE = 32767;

/** The database in which the session starts. */
export function loginDatabase(login: LoginProperties): string {
  return login.database || DEFAULT_DATABASE;
}

/** The packet size for all messages after the login's reply. */
export function agreedPacketSize(login: LoginProperties): number {
  return Math.min(Math.max(login.packetSize || 4096, MIN_PACKET_SIZE), MAX_PACKET_SIZE);
}

/** Why the login is turned down, in the order in which SQL Server sends the errors; empty when it is not. */
export function loginErrors(
  settings: TdsServerSettings,
  login: LoginProperties,
  password: string,
): readonly TdsError[] {
  const failed = new TdsError(18456, `Login failed for user '${login.user}'.`, { class: 14 });
  const refused = settings.refuseLogin?.(login);
  if (refused?.length) return refused;
  if (login.integratedSecurity) {
    const message =
      'Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication.';
    return [new TdsError(18452, message, { class: 14 })];
  }
  if (!Object.hasOwn(settings.users, login.user) || settings.users[login.user] !== password) return [failed];
  const database = loginDatabase(login);
  if (databaseError(settings, database)) {
    const message = `Cannot open database "${database}" requested by the login. The login failed.`;
    return [new TdsError(4060, message, { class: 11 }), failed];
  }
  return [];
}

/** Why USE does not lead to this database; undefined when it does. */
export function databaseError(settings: TdsServerSettings, database: string, user = ''): TdsError | undefined {
  if (settings.deniedDatabases?.includes(database)) {
    const message = `The server principal "${user}" is not able to access the database "${database}" under the current security context.`;
    return new TdsError(916, message, { class: 14 });
  }
  const exists = !settings.databases || database === DEFAULT_DATABASE || settings.databases.includes(database);
  if (exists) return undefined;
  const message = `Database '${database}' does not exist. Make sure that the name is entered correctly.`;
  return new TdsError(911, message);
}

export function loginRefusal(settings: TdsServerSettings, errors: readonly TdsError[]): Buffer {
  const messages = errors.map((error) => messageToken(settings.serverName, error));
  return Buffer.concat([...messages, done(DoneToken.Done, DoneStatus.Error)]);
}

export function loginReply(settings: TdsServerSettings, login: LoginProperties): Buffer {
  const { serverName, version, redirectTo } = settings;
  const database = loginDatabase(login);
  return Buffer.concat([
    databaseChanged(database, DEFAULT_DATABASE, serverName),
    collationChange(),
    languageChange('us_english'),
    messageToken(serverName, new TdsError(5703, 'Changed language setting to us_english.', { class: 0 })),
    loginAck(version, login.tdsVersion),
    packetSizeChange(settings.announcedPacketSize ?? agreedPacketSize(login)),
    ...(redirectTo ? [routingChange(redirectTo.host, redirectTo.port)] : []),
    done(DoneToken.Done, DoneStatus.Final),
  ]);
}
