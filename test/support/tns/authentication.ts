import { MessageType } from './constants.ts';
import type { MessageReader } from './message-reader.ts';
import { MessageWriter } from './message-writer.ts';
import { type LogonChallenge, serverProof } from './o5logon.ts';
import type { Profile } from './profiles.ts';

/** Either phase of a logon as the client sent it. */
export interface AuthenticationMessage {
  readonly user: string;
  readonly pairs: ReadonlyMap<string, string>;
  /** Older drivers write no second length in front of text whose length came first, here and in EXECUTE. */
  readonly bareText: boolean;
}

/** Reads either phase, after the function header. */
export function readAuthentication(reader: MessageReader): AuthenticationMessage {
  reader.skip(1); // whether a user follows
  const userLength = reader.integer();
  reader.integer(); // mode
  reader.skip(1);
  const pairCount = reader.integer();
  reader.skip(2);
  const bareText = userLength > 0 && reader.peek() !== userLength;
  const user = userLength === 0 ? '' : ((bareText ? reader.take(userLength) : reader.bytes())?.toString() ?? '');
  const pairs = new Map<string, string>();
  for (let index = 0; index < pairCount; index += 1) {
    const [key, value] = reader.pair();
    pairs.set(key, value);
  }
  return { user, pairs, bareText };
}

/** The answer to phase one. */
export function challengeMessage(challenge: LogonChallenge): Buffer {
  return parameters(challenge.pairs);
}

/** The answer to phase two: the proof that the server knows the password, and what it says about itself. */
export function welcomeMessage(sessionKey: Buffer, profile: Profile, service: string): Buffer {
  return parameters([
    ['AUTH_SVR_RESPONSE', serverProof(sessionKey)],
    ['AUTH_VERSION_STRING', '- Production'],
    ['AUTH_VERSION_SQL', '25'],
    ['AUTH_VERSION_NO', String(profile.versionNumber)],
    ['AUTH_SESSION_ID', '42'],
    ['AUTH_SERIAL_NUM', '4711'],
    ['AUTH_INSTANCENAME', 'FREE'],
    ['AUTH_DBNAME', service.toUpperCase()],
    ['AUTH_SC_DBUNIQUE_NAME', 'FREE'],
    ['AUTH_SC_SERVICE_NAME', service],
    ['AUTH_SC_DB_DOMAIN', ''],
    ['AUTH_MAX_OPEN_CURSORS', '300'],
    ['AUTH_MAX_IDEN_LENGTH', '128'],
  ]);
}

function parameters(pairs: readonly (readonly [key: string, value: string, flags?: number])[]): Buffer {
  const writer = new MessageWriter().uint8(MessageType.parameter).integer(pairs.length);
  for (const [key, value, flags] of pairs) writer.pair(key, value, flags);
  return writer.toBuffer();
}
