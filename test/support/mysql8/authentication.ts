import { constants, createHash, generateKeyPairSync, privateDecrypt, randomBytes } from 'node:crypto';

/** A packet of the conversation that follows the greeting; returns what to answer, or whether the login is good. */
export type Step = { readonly send: Buffer } | { readonly granted: boolean };

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const requestPublicKey = 2;
const fastAuthenticationSuccess = Buffer.from([1, 3]);
const performFullAuthentication = Buffer.from([1, 4]);

const sha256 = (...parts: readonly Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

function xorRotating(data: Buffer, key: Buffer): Buffer {
  return Buffer.from(data.map((byte, index) => byte ^ (key[index % key.length] ?? 0)));
}

/**
 * The server's half of `caching_sha2_password`: a cached account is let in by a scrambled digest, any other must send its
 * password, encrypted with the server's RSA key where the line is not.
 */
export class CachingSha2 {
  readonly #password: string;
  readonly #cached: boolean;
  // The scramble holds no zero byte: it travels as a null-terminated string.
  readonly #scramble = Buffer.from(randomBytes(20).map((byte) => (byte % 255) + 1));
  #waitingFor: 'token' | 'key request' | 'encrypted password' = 'token';

  constructor(password: string, cached: boolean) {
    this.#password = password;
    this.#cached = cached;
  }

  /** AuthSwitchRequest: the greeting offered another plugin. */
  switchRequest(): Buffer {
    return Buffer.concat([
      Buffer.from([0xfe]),
      Buffer.from('caching_sha2_password\0'),
      this.#scramble,
      Buffer.from([0]),
    ]);
  }

  next(packet: Buffer): Step[] {
    switch (this.#waitingFor) {
      case 'token':
        if (!this.#cached) {
          this.#waitingFor = 'key request';
          return [{ send: performFullAuthentication }];
        }
        return this.#tokenIsGood(packet)
          ? [{ send: fastAuthenticationSuccess }, { granted: true }]
          : [{ granted: false }];
      case 'key request':
        if (packet[0] !== requestPublicKey) return [{ granted: false }];
        this.#waitingFor = 'encrypted password';
        return [
          { send: Buffer.concat([Buffer.from([1]), Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }))]) },
        ];
      case 'encrypted password': {
        const padding = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };
        const plain = xorRotating(privateDecrypt(padding, packet), this.#scramble);
        return [{ granted: plain.toString('utf8') === `${this.#password}\0` }];
      }
    }
  }

  /** XOR(SHA256(password), SHA256(SHA256(SHA256(password)), scramble)) */
  #tokenIsGood(token: Buffer): boolean {
    const once = sha256(Buffer.from(this.#password));
    return token.equals(xorRotating(once, sha256(sha256(once), this.#scramble)));
  }
}
