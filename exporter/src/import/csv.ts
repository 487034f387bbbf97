import { readFileSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import { DateTime } from 'luxon';
import { codeOf, messageOf, TidemarkError } from '../errors.ts';
import type { PastMeasurement, PastMeasurements } from './rows.ts';

/** Sizes that a file may hold beside `size_bytes`. */
const sizeColumns = {
  data_bytes: 'dataBytes',
  log_bytes: 'logBytes',
  index_bytes: 'indexBytes',
  temp_bytes: 'tempBytes',
  used_bytes: 'usedBytes',
  limit_bytes: 'limitBytes',
} as const;

/** The columns of a file, their order does not matter; the same table makes the documentation. */
export const csvColumns: Readonly<Record<string, string>> = {
  instance_name: 'Required. The name of an instance, or a name that --map turns into one.',
  database_name: 'Required.',
  collected_date: 'The day, YYYY-MM-DD. Required unless there is collected_at.',
  collected_at: 'The moment, ISO 8601 with its zone. Of several rows of one day the last one counts.',
  size_bytes: 'Required. Allocated in total, in whole bytes.',
  ...Object.fromEntries(Object.keys(sizeColumns).map((name) => [name, 'Empty where it is not known.'])),
  method: '`exact` (when left out) or `estimate`.',
};

/** More than these are not listed, only counted. */
const mostProblems = 20;

/** A row, with the line that it begins at. */
interface ParsedRecord {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

/**
 * Reads a CSV file (RFC 4180, UTF-8; separated by commas, semicolons or tabs) with the columns of `csvColumns`.
 * @param timezone the IANA zone in which days begin
 * @throws TidemarkError `usage` with each line that cannot be used; nothing of such a file is imported
 */
export function readCsv(path: string, timezone: string): PastMeasurements {
  const records = parseRecords(path);
  const unused = Object.keys(records[0]?.record ?? {}).filter((name) => !(name in csvColumns));
  const problems: string[] = [];
  const rows = new Map<string, PastMeasurement>();
  for (const { record, info } of records) {
    const place = `line ${info.lines}`;
    try {
      addRow(rows, readRecord(record, place, timezone), record.collected_at !== undefined);
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error;
      problems.push(`${place}: ${error.message}`);
    }
  }
  if (problems.length > 0) throw new TidemarkError('usage', describe(path, problems));
  const notes = unused.length === 0 ? [] : [`columns that are not used: ${unused.join(', ')}`];
  return { rows: [...rows.values()], notes };
}

function describe(path: string, problems: readonly string[]): string {
  const more = problems.length > mostProblems ? [`and ${problems.length - mostProblems} more lines`] : [];
  return `${path}: nothing was imported\n  ${[...problems.slice(0, mostProblems), ...more].join('\n  ')}`;
}

function parseRecords(path: string): ParsedRecord[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new TidemarkError('usage', `${path} cannot be read: ${codeOf(error) ?? messageOf(error)}`, { cause: error });
  }
  try {
    const [header = []] = parse(text, { bom: true, delimiter: delimiters, to: 1 });
    refuseHeader(path, header);
    return parse(text, { bom: true, delimiter: delimiters, columns: true, info: true, skip_empty_lines: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new TidemarkError('usage', `${path}: ${error.message}: expected CSV with a header`, { cause: error });
  }
}

const delimiters = [',', ';', '\t'];

function refuseHeader(path: string, header: readonly string[]): void {
  const missing = ['instance_name', 'database_name', 'size_bytes'].filter((name) => !header.includes(name));
  if (!header.includes('collected_date') && !header.includes('collected_at')) missing.push('collected_date');
  const doubled = header.filter((name, index) => header.indexOf(name) !== index);
  if (missing.length > 0) {
    const known = Object.keys(csvColumns).join(', ');
    throw new TidemarkError('usage', `${path}: line 1: there is no column ${missing.join(', ')}; known are ${known}`);
  }
  if (doubled.length > 0) {
    throw new TidemarkError('usage', `${path}: line 1: the column ${doubled.join(', ')} is there twice: keep one`);
  }
}

function readRecord(record: ParsedRecord['record'], place: string, timezone: string): PastMeasurement {
  const { date, moment } = readDay(record, timezone);
  return {
    instanceName: filled(record, 'instance_name'),
    engine: null,
    databaseName: filled(record, 'database_name'),
    collectedDate: date,
    collectedAt: moment,
    sizeBytes: readSize(record, 'size_bytes'),
    ...readOptionalSizes(record),
    method: readMethod(record.method ?? ''),
    place,
  };
}

function filled(record: ParsedRecord['record'], column: string): string {
  const value = record[column] ?? '';
  if (value === '') throw new TidemarkError('usage', `${column} is empty`);
  return value;
}

function readSize(record: ParsedRecord['record'], column: string): number {
  const text = filled(record, column);
  const bytes = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(bytes)) return bytes;
  const expected = `expected whole bytes from 0 to ${Number.MAX_SAFE_INTEGER}`;
  throw new TidemarkError('usage', `${column} is "${text.slice(0, 40)}": ${expected}`);
}

function readOptionalSizes(record: ParsedRecord['record']) {
  const sizes = Object.entries(sizeColumns).map(([column, field]) => {
    return [field, (record[column] ?? '') === '' ? null : readSize(record, column)] as const;
  });
  return Object.fromEntries(sizes) as Record<(typeof sizeColumns)[keyof typeof sizeColumns], number | null>;
}

function readMethod(text: string): 'exact' | 'estimate' {
  if (text === '' || text === 'exact') return 'exact';
  if (text === 'estimate') return 'estimate';
  throw new TidemarkError('usage', `method is "${text.slice(0, 40)}": expected exact or estimate`);
}

/** Without a moment it is noon, far from both ends of the day. */
function readDay(record: ParsedRecord['record'], timezone: string): { date: string; moment: Date } {
  const { collected_date: date = '', collected_at: at = '' } = record;
  if (date === '' && at === '') throw new TidemarkError('usage', 'collected_date is empty');
  const day = DateTime.fromFormat(date, 'yyyy-MM-dd', { zone: timezone });
  if (date !== '' && !day.isValid) {
    throw new TidemarkError('usage', `collected_date is "${date.slice(0, 40)}": expected YYYY-MM-DD`);
  }
  if (at === '') return { date, moment: day.set({ hour: 12 }).toJSDate() };
  const moment = DateTime.fromISO(at, { zone: timezone });
  if (!moment.isValid || !/T.*(Z|[+-]\d{2}(:?\d{2})?)$/.test(at)) {
    const expected = 'expected ISO 8601 with its zone, such as 2026-03-01T03:00:00Z';
    throw new TidemarkError('usage', `collected_at is "${at.slice(0, 40)}": ${expected}`);
  }
  return { date: date === '' ? moment.toFormat('yyyy-MM-dd') : date, moment: moment.toJSDate() };
}

/** One row for each instance, database and day: the last one, where the file says when they were measured. */
function addRow(rows: Map<string, PastMeasurement>, row: PastMeasurement, hasMoments: boolean): void {
  const key = JSON.stringify([row.instanceName, row.databaseName, row.collectedDate]);
  const other = rows.get(key);
  if (other !== undefined && (!hasMoments || other.collectedAt.getTime() === row.collectedAt.getTime())) {
    throw new TidemarkError('usage', `the same instance, database and day as ${other.place}: keep one of them`);
  }
  if (other === undefined || other.collectedAt < row.collectedAt) rows.set(key, row);
}
