import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync, randomBytes } from 'node:crypto';

/** The verifier of 12c and newer: PBKDF2 with SHA-512. */
const verifierType = 0x4815;
const verifierIterations = 4096;
const sessionKeyIterations = 3;

/** What the server keeps between the two phases of a logon. */
export interface LogonChallenge {
  /** The key that client and server derive from the password. */
  readonly passwordHash: Buffer;
  /** The server's half of the session key. */
  readonly serverKey: Buffer;
  readonly sessionKeySalt: Buffer;
  /** The pairs of the first answer: key, value, flags. */
  readonly pairs: readonly (readonly [key: string, value: string, flags?: number])[];
}

/** Phase one of O5LOGON: a random half of the session key, encrypted under the password's hash, and the salts. */
export function challengeFor(password: string): LogonChallenge {
  const salt = randomBytes(16);
  const sessionKeySalt = randomBytes(16);
  const serverKey = randomBytes(32);
  const derivationSalt = Buffer.concat([salt, Buffer.from('AUTH_PBKDF2_SPEEDY_KEY')]);
  const derived = pbkdf2Sync(Buffer.from(password), derivationSalt, verifierIterations, 64, 'sha512');
  const passwordHash = createHash('sha512').update(derived).update(salt).digest().subarray(0, 32);
  return {
    passwordHash,
    serverKey,
    sessionKeySalt,
    pairs: [
      ['AUTH_SESSKEY', hex(encrypt(passwordHash, serverKey))],
      ['AUTH_VFR_DATA', hex(salt), verifierType],
      ['AUTH_PBKDF2_CSK_SALT', hex(sessionKeySalt)],
      ['AUTH_PBKDF2_VGEN_COUNT', String(verifierIterations)],
      ['AUTH_PBKDF2_SDER_COUNT', String(sessionKeyIterations)],
      ['AUTH_GLOBALLY_UNIQUE_DBID\0', hex(randomBytes(16))],
    ],
  };
}

/** Phase two: the session key when the client knows the password, else null. */
export function sessionKeyOf(
  challenge: LogonChallenge,
  reply: { sessionKey: string; encryptedPassword: string },
  password: string,
): Buffer | null {
  try {
    const clientKey = decrypt(challenge.passwordHash, Buffer.from(reply.sessionKey, 'hex').subarray(0, 32));
    const halves = Buffer.from(hex(Buffer.concat([clientKey, challenge.serverKey])));
    const sessionKey = pbkdf2Sync(halves, challenge.sessionKeySalt, sessionKeyIterations, 32, 'sha512');
    const salted = decrypt(sessionKey, Buffer.from(reply.encryptedPassword, 'hex'));
    const padding = salted.at(-1) ?? 0;
    const sent = salted.subarray(16, salted.length - padding); // sixteen random bytes come first
    return sent.equals(Buffer.from(password)) ? sessionKey : null;
  } catch {
    return null; // not even a whole number of blocks
  }
}

/** Shows the client that the server knows the password too: drivers end the connection when this does not decrypt. */
export function serverProof(sessionKey: Buffer): string {
  return hex(encrypt(sessionKey, Buffer.concat([randomBytes(16), Buffer.from('SERVER_TO_CLIENT')])));
}

/** A password that nobody has, for users that do not exist: they too get a challenge. */
export function unknownPassword(): string {
  return hex(randomBytes(16));
}

function encrypt(key: Buffer, data: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-cbc', key, Buffer.alloc(16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

function decrypt(key: Buffer, data: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-cbc', key, Buffer.alloc(16)).setAutoPadding(false);
  return Buffer.concat([decipher.update(data), decipher.final()]);
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase();
}
