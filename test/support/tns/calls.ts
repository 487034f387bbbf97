import { ExecuteOption, FieldVersion, FunctionCode, MessageType } from './constants.ts';
import type { MessageReader } from './message-reader.ts';
import { type BindValue, decodeBind } from './values.ts';

/** What the decoding hangs on: the dialect agreed, and what the cursors of this connection were bound with. */
export interface CallDialect {
  readonly fieldVersion: number;
  readonly bareText: boolean;
  bindTypesOf(cursor: number): readonly number[];
}

/** A statement to run: new (with its text) or that of an open cursor. */
export interface ExecuteCall {
  readonly kind: 'execute';
  /** 0 when the client has no cursor yet. */
  readonly cursor: number;
  /** Null to run the statement of the cursor again. */
  readonly sql: string | null;
  readonly bindTypes: readonly number[];
  readonly binds: readonly BindValue[];
  /** How many rows to send along with the answer. */
  readonly prefetch: number;
}

export type Call =
  | ExecuteCall
  | { readonly kind: 'fetch'; readonly cursor: number; readonly rows: number }
  | { readonly kind: 'logoff' }
  | { readonly kind: 'other'; readonly name: 'commit' | 'rollback' | 'ping' };

/** How a session names itself for V$SESSION; what the client did not send is missing. */
export interface EndToEnd {
  readonly clientIdentifier?: string;
  readonly module?: string;
  readonly action?: string;
  readonly clientInfo?: string;
}

/** A call with what rode in front of it. */
export interface Request {
  readonly closedCursors: readonly number[];
  readonly endToEnd: EndToEnd;
  readonly call: Call;
}

/** Decodes one request to its last byte. Throws on anything it does not know: a silent guess would hide a wrong driver. */
export function readRequest(reader: MessageReader, dialect: CallDialect): Request {
  const closedCursors: number[] = [];
  let endToEnd: EndToEnd = {};
  let messageType = reader.uint8();
  while (messageType === MessageType.piggyback) {
    const code = readFunctionHeader(reader, dialect);
    if (code === FunctionCode.closeCursors) closedCursors.push(...readCursors(reader));
    else if (code === FunctionCode.cancelCursors) readCursors(reader);
    else if (code === FunctionCode.setEndToEnd) endToEnd = { ...endToEnd, ...readEndToEnd(reader, dialect) };
    else throw new Error(`piggyback ${code} is not supported by the test server`);
    messageType = reader.uint8();
  }
  if (messageType !== MessageType.function) {
    throw new Error(`message type ${messageType} is not supported by the test server`);
  }
  const call = readCall(reader, dialect);
  if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes are left after a call of kind ${call.kind}`);
  return { closedCursors, endToEnd, call };
}

/** The function code after a message type, with the sequence number and, from 23ai on, the pipeline token skipped. */
export function readFunctionHeader(reader: MessageReader, dialect: { fieldVersion: number }): number {
  const code = reader.uint8();
  reader.skip(1);
  if (dialect.fieldVersion >= FieldVersion.v23_1ext1) reader.integer();
  return code;
}

function readCall(reader: MessageReader, dialect: CallDialect): Call {
  const code = readFunctionHeader(reader, dialect);
  switch (code) {
    case FunctionCode.execute:
      return readExecute(reader, dialect);
    case FunctionCode.reexecute:
    case FunctionCode.reexecuteAndFetch:
      return readReexecute(reader, dialect, code === FunctionCode.reexecuteAndFetch);
    case FunctionCode.fetch:
      return { kind: 'fetch', cursor: reader.integer(), rows: reader.integer() };
    case FunctionCode.logoff:
      return { kind: 'logoff' };
    case FunctionCode.commit:
      return { kind: 'other', name: 'commit' };
    case FunctionCode.rollback:
      return { kind: 'other', name: 'rollback' };
    case FunctionCode.ping:
      return { kind: 'other', name: 'ping' };
    default:
      throw new Error(`function ${code} is not supported by the test server`);
  }
}

function readExecute(reader: MessageReader, dialect: CallDialect): ExecuteCall {
  const options = reader.integer();
  const cursor = reader.integer();
  reader.skip(1);
  const sqlLength = reader.integer();
  reader.skip(1).skipIntegers(1); // the vector al8i4
  reader.skip(3); // al8o4, its length, buffer size for prefetched rows
  const rows = reader.integer();
  reader.skipIntegers(1); // longest LONG
  reader.skip(1);
  const bindCount = reader.integer();
  reader.skip(5); // al8pp, al8txn, al8txl, al8kv, al8kvl
  reader.skip(1);
  const defineCount = reader.integer();
  reader.skipIntegers(1).skip(3).skipIntegers(1).skip(1).skipIntegers(2); // registration, objects, al8blv, al8dnam
  reader.skip(1).skipIntegers(1).skip(1); // row counts of DML
  if (dialect.fieldVersion >= FieldVersion.v12_2) reader.skip(1).skipIntegers(1).skip(1).skipIntegers(1).skip(1);
  if (dialect.fieldVersion >= FieldVersion.v12_2ext1) reader.skip(1).skipIntegers(1);
  if (defineCount > 0) throw new Error('a define (LOB, LONG or a conversion) is not supported by the test server');
  const sql = sqlLength > 0 ? readSizedText(reader, dialect, sqlLength) : null;
  reader.skipIntegers(13); // al8i4: parse, executions, SCN, whether it is a query
  const bindTypes: number[] = [];
  for (let index = 0; index < bindCount; index += 1) bindTypes.push(readBindType(reader, dialect));
  return {
    kind: 'execute',
    cursor,
    sql,
    bindTypes,
    binds: readBinds(reader, bindTypes),
    prefetch: (options & ExecuteOption.fetch) === 0 ? 0 : rows,
  };
}

/** Text whose length came before; only newer drivers write the length once more. */
function readSizedText(reader: MessageReader, dialect: CallDialect, length: number): string {
  return (dialect.bareText ? reader.take(length) : reader.bytes())?.toString() ?? '';
}

/** The description of a bind variable, of which only the type counts here. */
function readBindType(reader: MessageReader, dialect: CallDialect): number {
  const dataType = reader.uint8();
  reader.skip(3).skipIntegers(3); // flags, precision, scale; size, elements, continuation flags
  if (reader.integer() > 0) reader.bytes(); // object identifier
  reader.skipIntegers(2).skip(1).skipIntegers(1); // version, character set and its form, LOB prefetch
  if (dialect.fieldVersion >= FieldVersion.v12_2) reader.skipIntegers(1);
  return dataType;
}

function readReexecute(reader: MessageReader, dialect: CallDialect, fetches: boolean): ExecuteCall {
  const cursor = reader.integer();
  const rows = reader.integer();
  reader.skipIntegers(2);
  const bindTypes = dialect.bindTypesOf(cursor);
  return {
    kind: 'execute',
    cursor,
    sql: null,
    bindTypes,
    binds: readBinds(reader, bindTypes),
    prefetch: fetches ? rows : 0,
  };
}

function readBinds(reader: MessageReader, types: readonly number[]): BindValue[] {
  if (types.length === 0) return [];
  const messageType = reader.uint8();
  if (messageType !== MessageType.rowData) throw new Error(`message type ${messageType} came instead of bind values`);
  return types.map((type) => decodeBind(type, reader.bytes()));
}

function readCursors(reader: MessageReader): number[] {
  reader.skip(1);
  return Array.from({ length: reader.integer() }, () => reader.integer());
}

/** The names of a session: first a length for each, then the texts that are there. */
function readEndToEnd(reader: MessageReader, dialect: CallDialect): EndToEnd {
  reader.skip(2).skipIntegers(1); // flags
  const length = (): number => reader.skip(1).integer();
  const lengths = [length(), length(), length(), length()]; // client identifier, module, action, ECID
  reader.skip(1).skipIntegers(1);
  lengths.push(length()); // client information
  reader.skip(1).skipIntegers(1).skip(1).skipIntegers(1);
  lengths.push(length()); // operation
  const [clientIdentifier, module, action, , clientInfo] = lengths.map((size) =>
    size > 0 ? readSizedText(reader, dialect, size) : undefined,
  );
  return {
    ...(clientIdentifier === undefined ? {} : { clientIdentifier }),
    ...(module === undefined ? {} : { module }),
    ...(action === undefined ? {} : { action }),
    ...(clientInfo === undefined ? {} : { clientInfo }),
  };
}
