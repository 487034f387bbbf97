import { AcceptFlag, FieldVersion } from './constants.ts';

/** What a server generation announces; the drivers choose their dialect by it. */
export interface Profile {
  /** TNS version of the listener: 315 brings four-byte lengths, 318 the accept flags, 319 end-of-response. */
  readonly tnsVersion: number;
  readonly acceptFlags: number;
  /** Layout of the TTC messages. */
  readonly fieldVersion: number;
  /** `connection.oracleServerVersion`, packed. */
  readonly versionNumber: number;
  /** Whether the negotiation carries DBTIMEZONE. Where it does not, oracledb 26 asks for it in SQL at connect. */
  readonly exchangesTimeZone: boolean;
  /** The text of ORA-01017, which changed in 23ai. */
  readonly logonDenied: string;
}

const logonDenied = 'invalid username/password; logon denied';

/** One per server generation; '11.2' is there because thin drivers must refuse it. */
export const profiles = {
  '11.2': {
    tnsVersion: 314,
    acceptFlags: 0,
    fieldVersion: FieldVersion.v11_2,
    versionNumber: 0x0b200400,
    exchangesTimeZone: false,
    logonDenied,
  },
  '12.1': {
    tnsVersion: 315,
    acceptFlags: 0,
    fieldVersion: FieldVersion.v12_1,
    versionNumber: 0x0c100200,
    exchangesTimeZone: false,
    logonDenied,
  },
  '19c': {
    tnsVersion: 318,
    acceptFlags: 0,
    fieldVersion: FieldVersion.v19_1,
    versionNumber: 0x13150000,
    exchangesTimeZone: false,
    logonDenied,
  },
  '21c': {
    tnsVersion: 318,
    acceptFlags: 0,
    fieldVersion: FieldVersion.v21_1,
    versionNumber: 0x15030000,
    exchangesTimeZone: true,
    logonDenied,
  },
  '23ai': {
    tnsVersion: 319,
    acceptFlags: AcceptFlag.fastAuthentication | AcceptFlag.endOfResponse,
    fieldVersion: FieldVersion.v23_4,
    versionNumber: 0x17050000,
    exchangesTimeZone: true,
    logonDenied: 'invalid credential or not authorized; logon denied',
  },
} as const satisfies Record<string, Profile>;

export type ProfileName = keyof typeof profiles;
