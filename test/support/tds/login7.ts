/**
 * LOGIN7 (MS-TDS 2.2.6.4): who logs in, from which program, to which database.
 */

/** What the client said about itself; a login never carries its password further than {@link readLogin7}. */
export interface LoginProperties {
  user: string;
  /** The database asked for; empty when the client leaves it to the server. */
  database: string;
  hostName: string;
  /** `program_name` in `sys.dm_exec_sessions`. */
  appName: string;
  serverName: string;
  /** The driver's name: `Tedious`. */
  interfaceName: string;
  language: string;
  /** As the number that MS-TDS 2.2.6.4 lists: 0x74000004 is TDS 7.4. */
  tdsVersion: number;
  packetSize: number;
  readOnlyIntent: boolean;
  /** The client asked for Windows or Microsoft Entra authentication, which this server does not have. */
  integratedSecurity: boolean;
}

const FixedOffset = { TdsVersion: 4, PacketSize: 8, OptionFlags2: 25, TypeFlags: 26 } as const;

const VariableOffset = {
  HostName: 36,
  UserName: 40,
  Password: 44,
  AppName: 48,
  ServerName: 52,
  InterfaceName: 60,
  Language: 64,
  Database: 68,
} as const;

const INTEGRATED_SECURITY = 0x80;
const READ_ONLY_INTENT = 0x20;

/** @throws RangeError when the message is shorter than its own offsets say */
export function readLogin7(body: Buffer): { login: LoginProperties; password: string } {
  const field = (at: number): Buffer => {
    const start = body.readUInt16LE(at);
    const end = start + body.readUInt16LE(at + 2) * 2;
    if (end > body.length) throw new RangeError(`LOGIN7 ends at ${body.length}, ${end} bytes expected`);
    return body.subarray(start, end);
  };
  const text = (at: number): string => field(at).toString('utf16le');
  return {
    login: {
      user: text(VariableOffset.UserName),
      database: text(VariableOffset.Database),
      hostName: text(VariableOffset.HostName),
      appName: text(VariableOffset.AppName),
      serverName: text(VariableOffset.ServerName),
      interfaceName: text(VariableOffset.InterfaceName),
      language: text(VariableOffset.Language),
      tdsVersion: body.readUInt32LE(FixedOffset.TdsVersion),
      packetSize: body.readUInt32LE(FixedOffset.PacketSize),
      readOnlyIntent: (body.readUInt8(FixedOffset.TypeFlags) & READ_ONLY_INTENT) !== 0,
      integratedSecurity: (body.readUInt8(FixedOffset.OptionFlags2) & INTEGRATED_SECURITY) !== 0,
    },
    password: unscramble(field(VariableOffset.Password)).toString('utf16le'),
  };
}

/** Undoes what MS-TDS 2.2.6.4 does to a password: nibbles swapped, then XOR with 0xA5. */
function unscramble(bytes: Buffer): Buffer {
  return Buffer.from(
    bytes.map((byte) => {
      const flipped = byte ^ 0xa5;
      return ((flipped << 4) | (flipped >> 4)) & 0xff;
    }),
  );
}
