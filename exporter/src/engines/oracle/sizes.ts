import { TidemarkError } from '../../errors.ts';
import { toBytes } from '../bytes.ts';
import type { DatabaseMeasurement, StorageMeasurement } from '../engine.ts';

/** A data file or temporary file. NUMBER arrives as text, so that it stays exact. */
export interface FileRow {
  /** Missing where only the own container is asked. */
  readonly con_id?: string;
  readonly tablespace: string;
  readonly file_id: string;
  readonly file_name: string | null;
  /** Null: offline, or not readable. */
  readonly bytes: string | null;
  /** 0 where the file does not grow. Can be below the bytes, since it only bounds growth to come. */
  readonly max_bytes: string | null;
  readonly autoextensible: string | null;
}

export interface RedoRow {
  readonly bytes: string;
  readonly members: string;
}

export interface DiskGroupRow {
  readonly name: string;
  readonly redundancy: string | null;
  readonly total_mb: string;
  readonly free_mb: string;
  readonly reserved_mb: string | null;
  readonly usable_mb: string;
}

/** All that is known of one database. */
export interface DatabaseParts {
  readonly name: string;
  readonly dataFiles: readonly FileRow[];
  readonly temporaryFiles: readonly FileRow[];
  /** Null: the logs belong to the container database, not to this one. */
  readonly redoBytes: number | null;
  /** Used bytes by tablespace; one that is missing is not known. */
  readonly used: ReadonlyMap<string, bigint>;
}

interface Tablespace {
  readonly name: string;
  readonly allocated: bigint;
  readonly limit: bigint;
  readonly used: bigint | null;
}

/**
 * One database and its tablespaces. Size = data files + temporary files + redo logs; limit = the size at which all files
 * have grown as far as they may.
 * @throws TidemarkError `database_unreadable` when the size of a file is not known, `size_out_of_range`
 */
export function sizeDatabase(parts: DatabaseParts): { database: DatabaseMeasurement; storage: StorageMeasurement[] } {
  const data = sizeTablespaces(parts.dataFiles, parts.used);
  const temporary = sizeTablespaces(parts.temporaryFiles, parts.used);
  const tablespaces = [...data, ...temporary];
  const bytes = (value: bigint): number => toBytes(value, parts.name);
  const dataBytes = sum(data.map((tablespace) => tablespace.allocated));
  const temporaryBytes = sum(temporary.map((tablespace) => tablespace.allocated));
  const redoBytes = BigInt(parts.redoBytes ?? 0);
  const used = sumOrNull(tablespaces.map((tablespace) => tablespace.used));
  const database: DatabaseMeasurement = {
    databaseName: parts.name,
    sizeBytes: bytes(dataBytes + temporaryBytes + redoBytes),
    dataBytes: bytes(dataBytes),
    logBytes: parts.redoBytes,
    indexBytes: null,
    tempBytes: bytes(temporaryBytes),
    usedBytes: used === null ? null : bytes(used),
    limitBytes: bytes(sum(tablespaces.map((tablespace) => tablespace.limit)) + redoBytes),
    method: 'exact',
  };
  return { database, storage: tablespaces.map((tablespace) => asStorage(parts.name, tablespace)) };
}

/** Bytes x members: each member of a group is a file of its own, with the same content. */
export function sizeRedo(rows: readonly RedoRow[]): number {
  const files = rows.map(({ bytes, members }) => exact(bytes, 'the redo logs') * exact(members, 'the redo logs'));
  return toBytes(sum(files), 'the redo logs');
}

/**
 * A disk group as the room that files find in it: mirrors take their share of the disks, and some of them is kept free to
 * restore mirrors after a disk is lost. Where each file has a redundancy of its own (FLEX), only the free room is known.
 */
export function sizeDiskGroup(row: DiskGroupRow): StorageMeasurement {
  const copies = { EXTERN: 1n, NORMAL: 2n, HIGH: 3n }[row.redundancy ?? ''] ?? null;
  const [total, free, reserved] = [row.total_mb, row.free_mb, row.reserved_mb ?? '0'].map((megabytes) =>
    exact(megabytes, `disk group ${row.name}`),
  ) as [bigint, bigint, bigint];
  const room = (megabytes: bigint): number | null =>
    copies === null ? null : toBytes(atLeastZero(megabytes * megabyte) / copies, `disk group ${row.name}`);
  return {
    scope: 'volume',
    name: row.name,
    allocatedBytes: null,
    usedBytes: room(total - free),
    limitBytes: room(total - reserved),
    // Negative once a lost disk could not be made up for any more: then there is no room to be relied on.
    freeBytes: row.usable_mb.startsWith('-')
      ? 0
      : toBytes(exact(row.usable_mb, `disk group ${row.name}`) * megabyte, `disk group ${row.name}`),
  };
}

const megabyte = 1_048_576n;

/** A NUMBER from 0 to 2^53 - 1, for sums that may go beyond. @throws TidemarkError `size_out_of_range` */
export function exact(value: string, what: string): bigint {
  return BigInt(toBytes(value, what));
}

function sizeTablespaces(files: readonly FileRow[], used: ReadonlyMap<string, bigint>): Tablespace[] {
  const names = [...new Set(files.map((file) => file.tablespace))].sort();
  return names.map((name) => {
    const own = files.filter((file) => file.tablespace === name);
    return {
      name,
      allocated: sum(own.map(allocatedTo)),
      limit: sum(own.map(limitOf)),
      used: used.get(name) ?? null,
    };
  });
}

function allocatedTo(file: FileRow): bigint {
  if (file.bytes !== null) return exact(file.bytes, file.tablespace);
  throw new TidemarkError(
    'database_unreadable',
    `file ${file.file_name ?? file.file_id} of tablespace ${file.tablespace} has no size: it is offline or missing: ` +
      'recover it and bring it online, or drop it',
  );
}

function limitOf(file: FileRow): bigint {
  const allocated = allocatedTo(file);
  if (file.autoextensible !== 'YES') return allocated;
  const most = exact(file.max_bytes ?? '0', file.tablespace);
  return most > allocated ? most : allocated;
}

function asStorage(database: string, { name, allocated, used, limit }: Tablespace): StorageMeasurement {
  const path = `${database}/${name}`;
  return {
    scope: 'tablespace',
    name: path,
    allocatedBytes: toBytes(allocated, path),
    usedBytes: used === null ? null : toBytes(used, path),
    limitBytes: toBytes(limit, path),
    freeBytes: used === null ? null : toBytes(atLeastZero(limit - used), path),
  };
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

/** What is not known of a part is not known of the whole. */
function sumOrNull(values: readonly (bigint | null)[]): bigint | null {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? sum(known) : null;
}

function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value;
}
