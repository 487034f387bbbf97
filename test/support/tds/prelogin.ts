/**
 * PRELOGIN (MS-TDS 2.2.6.5): the two sides tell their versions and agree on encryption, before any login is sent.
 */
import type { ServerVersion } from './version.ts';
import { versionBytes } from './version.ts';
import { uint8 } from './bytes.ts';

/**
 * How the server handles encryption.
 *
 * - `off`: it has none (ENCRYPT_NOT_SUP); a client that does not insist sends its password in the clear.
 * - `on`: as the client wishes, the usual set-up; a client that has encryption but wishes none gets its login encrypted.
 * - `required`: "Force Encryption"; a client without encryption is told so.
 * - `strict`: TDS 8.0, TLS before the first TDS byte.
 * - `stripped`: what a man in the middle answers (ENCRYPT_OFF to every wish), to see who sends a password all the same.
 */
export type Encryption = 'off' | 'on' | 'required' | 'strict' | 'stripped';

/** What of the connection is inside TLS. */
export type EncryptedPart = 'nothing' | 'login' | 'everything';

const PreloginOption = { Version: 0, Encryption: 1, Instance: 2, Mars: 4, Terminator: 0xff } as const;

const Encrypt = { Off: 0, On: 1, NotSupported: 2, Required: 3 } as const;

/** What PRELOGIN settles: the option to answer, and what will be encrypted. */
export interface EncryptionAgreement {
  option: number;
  encrypted: EncryptedPart;
}

/** The client's wish, ENCRYPT_NOT_SUP when it has none. */
export function readEncryptionWish(body: Buffer): number {
  for (let at = 0; body.readUInt8(at) !== PreloginOption.Terminator; at += 5) {
    if (body.readUInt8(at) === PreloginOption.Encryption) return body.readUInt8(body.readUInt16BE(at + 1));
  }
  return Encrypt.NotSupported;
}

/** The table of MS-TDS 2.2.6.5, "Encryption": server setting by client wish. */
export function agreeOnEncryption(setting: Encryption, wish: number): EncryptionAgreement {
  if (setting === 'stripped') return { option: Encrypt.Off, encrypted: 'nothing' };
  // Under `strict` the PRELOGIN is inside TLS already: nothing more to agree on.
  if (setting === 'off' || setting === 'strict') return { option: Encrypt.NotSupported, encrypted: 'nothing' };
  if (wish === Encrypt.On || wish === Encrypt.Required) return { option: Encrypt.On, encrypted: 'everything' };
  if (setting === 'required') return { option: Encrypt.Required, encrypted: 'everything' };
  if (wish === Encrypt.Off) return { option: Encrypt.Off, encrypted: 'login' };
  return { option: Encrypt.NotSupported, encrypted: 'nothing' };
}

/** The server's PRELOGIN: its version, the agreement, the default instance, no MARS. */
export function preloginReply(version: ServerVersion, encryptionOption: number): Buffer {
  const options: [number, Buffer][] = [
    [PreloginOption.Version, Buffer.concat([versionBytes(version), Buffer.alloc(2)])],
    [PreloginOption.Encryption, uint8(encryptionOption)],
    [PreloginOption.Instance, uint8(0)],
    [PreloginOption.Mars, uint8(0)],
  ];
  const entries: Buffer[] = [];
  let offset = options.length * 5 + 1;
  for (const [token, data] of options) {
    const entry = Buffer.alloc(5);
    entry.writeUInt8(token, 0);
    entry.writeUInt16BE(offset, 1);
    entry.writeUInt16BE(data.length, 3);
    entries.push(entry);
    offset += data.length;
  }
  return Buffer.concat([...entries, uint8(PreloginOption.Terminator), ...options.map(([, data]) => data)]);
}
