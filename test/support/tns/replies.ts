import type { Column, Row } from './answers.ts';
import { CharacterSet, DataType, FieldVersion, MessageType } from './constants.ts';
import { MessageWriter } from './message-writer.ts';
import { OracleError } from './oracle-error.ts';
import { type ColumnType, encodeValue, type Value } from './values.ts';

/** What the encoding hangs on. */
export interface ReplyDialect {
  readonly fieldVersion: number;
  readonly bareText: boolean;
  readonly variableSignedBytes: boolean;
}

/** Type number, character set form and default size on the wire. */
const wireTypes: Record<ColumnType, { dataType: number; isText: boolean; size: number }> = {
  NUMBER: { dataType: DataType.number, isText: false, size: 22 },
  VARCHAR2: { dataType: DataType.varchar2, isText: true, size: 4000 },
  DATE: { dataType: DataType.date, isText: false, size: 7 },
};

/** The end of a fetch is an error to TTC. */
const noMoreRows = new OracleError(1403, 'no data found');

/** A call went well and has no more to say. */
export function statusMessage(): Buffer {
  return new MessageWriter().uint8(MessageType.status).integers(0, 0).toBuffer();
}

/** How a call ended: with an error, or well (null), for which TTC uses the same message. */
export function errorMessage(
  dialect: ReplyDialect,
  error: OracleError | null,
  { cursor = 0, rows = 0 }: { cursor?: number; rows?: number } = {},
): Buffer {
  const number = error?.number ?? 0;
  const writer = new MessageWriter()
    .uint8(MessageType.error)
    .integers(0, 0, rows) // call status, sequence number, current row
    .integers(number > 65535 ? 0 : number, 0, 0, cursor, error?.position ?? 0)
    .raw([0, 0, 0, 0, 0, 0]) // type of the statement, fatal, flags, cursor options, UPI parameter, warning
    .integers(0, 0)
    .uint8(0)
    .integers(0, 0) // row identifier
    .integer(0) // error of the operating system
    .raw([0, 0])
    .integers(0, 0, 0) // padding, successful iterations, logical row identifier
    .integers(0, 0, 0) // errors of a batch
    .integers(number, rows);
  if (dialect.fieldVersion >= FieldVersion.v20_1 && !dialect.bareText) writer.integers(0, 0);
  if (error !== null) writer.bytes(Buffer.from(`${error.message}\n`));
  return writer.toBuffer();
}

/** The columns of a result. */
export function describeMessage(dialect: ReplyDialect, columns: readonly Column[]): Buffer {
  const writer = new MessageWriter().uint8(MessageType.describe).uint8(0);
  writer.integers(columns.length * 100, columns.length); // longest row, number of columns
  if (columns.length > 0) writer.uint8(0);
  for (const [index, column] of columns.entries()) describeColumn(writer, dialect, column, index + 1);
  return writer.integers(0, 0, 0, 0, 0, 0).toBuffer();
}

function describeColumn(writer: MessageWriter, dialect: ReplyDialect, column: Column, position: number): void {
  const { dataType, isText, size: defaultSize } = wireTypes[column.type];
  const size = column.size ?? defaultSize;
  writer
    .uint8(dataType)
    .uint8(0)
    .uint8(column.precision ?? 0);
  writeScale(writer, dialect, column);
  writer
    .integers(size, 0, 0, 0, 0) // elements, flags, object identifier, version
    .integer(isText ? CharacterSet.utf8 : 0)
    .uint8(isText ? 1 : 0)
    .integer(isText ? size : 0);
  if (dialect.fieldVersion >= FieldVersion.v12_2) writer.integer(0);
  writer.uint8(1).uint8(column.name.length).text(column.name); // nullable
  writer.integers(0, 0, position, 0); // schema, type name
  if (dialect.fieldVersion >= FieldVersion.v23_1) writer.integers(0, 0); // domain
  if (dialect.fieldVersion >= FieldVersion.v23_1ext3) writer.integer(0); // annotations
  if (dialect.fieldVersion >= FieldVersion.v23_4) writer.integer(0).raw([0, 0]); // vectors
}

/** Scale -127 with precision 0 is a plain NUMBER. */
function writeScale(writer: MessageWriter, dialect: ReplyDialect, column: Column): void {
  const scale = column.type === 'NUMBER' ? (column.scale ?? (column.precision === undefined ? -127 : 0)) : 0;
  if (!dialect.variableSignedBytes || column.type !== 'NUMBER') writer.uint8(scale);
  else if (scale < 0) writer.raw([0x81, -scale]);
  else writer.integer(scale);
}

/** A page of rows; `end` is null while more rows follow, else how the result ends. Throws on a bad value. */
export function rowsMessage(
  dialect: ReplyDialect,
  page: {
    columns: readonly Column[];
    rows: readonly Row[];
    cursor: number;
    /** Rows sent so far, this page included. */
    sent: number;
    end: 'no-more-rows' | OracleError | null;
  },
): Buffer {
  const writer = new MessageWriter();
  if (page.rows.length > 0) {
    writer.uint8(MessageType.rowHeader).uint8(0);
    writer.integers(page.columns.length, 0, page.rows.length, 0, 0, 0);
  }
  for (const row of page.rows) {
    writer.uint8(MessageType.rowData);
    for (const [index, column] of page.columns.entries()) writer.bytes(encodeCell(column, cellOf(row, column, index)));
  }
  const end = page.end === 'no-more-rows' ? noMoreRows : page.end;
  return writer.raw(errorMessage(dialect, end, { cursor: page.cursor, rows: page.sent })).toBuffer();
}

function cellOf(row: Row, column: Column, index: number): Value {
  const value = isValueList(row) ? row[index] : row[column.name];
  return value ?? null;
}

function isValueList(row: Row): row is readonly Value[] {
  return Array.isArray(row);
}

/** Throws TypeError when a text is longer than its column: no server could send it. */
function encodeCell(column: Column, value: Value): Buffer | null {
  const bytes = encodeValue(column.type, value);
  if (column.type === 'VARCHAR2' && bytes !== null && bytes.length > (column.size ?? wireTypes.VARCHAR2.size)) {
    throw new TypeError(`${column.name} holds ${bytes.length} bytes, more than its size`);
  }
  return bytes;
}
