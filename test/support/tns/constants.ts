/** Numbers of Oracle Net (TNS) and of the two-task common protocol (TTC) that runs inside its data packets. */

/** Packet types of TNS, the fifth byte of every packet. */
export const PacketType = { connect: 1, accept: 2, refuse: 4, data: 6, marker: 12 } as const;

/** Flags of a data packet. */
export const DataFlag = { endOfFile: 0x40, endOfResponse: 0x2000 } as const;

/** What a marker packet asks for: break and interrupt cancel the running call, reset makes both sides start afresh. */
export const Marker = { break: 1, reset: 2, interrupt: 3 } as const;

/** Flags of an ACCEPT packet that TNS 318 added. */
export const AcceptFlag = { endOfResponse: 0x02000000, fastAuthentication: 0x10000000 } as const;

/** The first byte of a TTC message. */
export const MessageType = {
  protocol: 1,
  dataTypes: 2,
  function: 3,
  error: 4,
  rowHeader: 6,
  rowData: 7,
  parameter: 8,
  status: 9,
  describe: 16,
  piggyback: 17,
  endOfRequest: 29,
  fastAuthentication: 34,
} as const;

/** The second byte of a function or piggyback message. */
export const FunctionCode = {
  reexecute: 4,
  fetch: 5,
  logoff: 9,
  commit: 14,
  rollback: 15,
  reexecuteAndFetch: 78,
  execute: 94,
  closeCursors: 105,
  authenticationPhaseTwo: 115,
  authenticationPhaseOne: 118,
  cancelCursors: 120,
  setEndToEnd: 135,
  ping: 147,
} as const;

/** Versions of the field layout: both sides write the fields of the lower one. Only those with a difference here. */
export const FieldVersion = {
  v11_2: 6,
  v12_1: 7,
  v12_2: 8,
  v12_2ext1: 9,
  v19_1: 12,
  v20_1: 14,
  v21_1: 16,
  v23_1: 17,
  v23_1ext1: 18,
  v23_1ext3: 20,
  v23_4: 24,
} as const;

/** The TNS version from which lengths take four bytes, and the one from which ACCEPT carries flags. */
export const TnsVersion = { largePackets: 315, acceptFlags: 318, endOfResponse: 319 } as const;

/** Options of an EXECUTE call that change the answer. */
export const ExecuteOption = { fetch: 0x40 } as const;

/** Data types that cross the wire here. */
export const DataType = { varchar2: 1, number: 2, date: 12, signedByte: 27, char: 96 } as const;

/** AL32UTF8 and AL16UTF16, the character sets of the database. */
export const CharacterSet = { utf8: 873, utf16: 2000 } as const;

/** Positions and values in the arrays of capabilities that both sides exchange. */
export const Capability = {
  compileTime: { sqlVersion: 0, logonTypes: 4, fieldVersion: 7, defineConversion: 8, ttc1: 15, ttc3: 37, ttc4: 40 },
  runTime: { compatibility: 0, timeZone: 1, ttc: 6 },
  /** ttc4: a response ends with a message of its own instead of by its content. */
  endOfRequest: 0x20,
  /** timeZone: the data types message carries the time zones of client and database. */
  timeZoneExchange: 0x01,
  /** ttc: VARCHAR2 up to 32767 bytes. */
  longStrings: 0x04,
} as const;
