import { TidemarkError } from '../../errors.ts';
import { toBytes } from '../bytes.ts';
import type { DatabaseMeasurement, StorageMeasurement } from '../engine.ts';

/** A row of a file as the statements select it; bigint arrives as text. */
export interface FileRow {
  readonly file_id: number;
  readonly file_type: number;
  readonly size_bytes: string;
  readonly max_pages: number;
  readonly growth: number;
}

/** The same, asked inside its database. */
export interface UsedFileRow extends FileRow {
  readonly used_bytes: string | null;
}

/** Room on the volume under a file. */
export interface FileVolume {
  readonly name: string;
  readonly availableBytes: bigint;
}

export interface DatabaseFiles {
  readonly databaseName: string;
  readonly files: readonly FileRow[];
  /** Null where nobody could ask inside the database. */
  readonly dataUsedBytes: bigint | null;
  readonly logUsedBytes: bigint | null;
  /** The volume under a file; undefined where it is not known. */
  readonly volumeUnder: (fileId: number) => FileVolume | undefined;
  /** The largest size of the data that the edition or the service allows. */
  readonly maxDataBytes: bigint | null;
}

const logType = 1;
const filestreamType = 2;
const pageBytes = 8192n;

/**
 * Data is what its files allocate (rows and FILESTREAM), log its log files.
 * @throws TidemarkError `size_out_of_range`
 */
export function measureFiles(database: DatabaseFiles): DatabaseMeasurement {
  const { databaseName, files, dataUsedBytes, logUsedBytes } = database;
  const data = sumOf(files.filter((file) => !isLog(file)).map(sizeOf));
  const log = sumOf(files.filter(isLog).map(sizeOf));
  const used = dataUsedBytes === null || logUsedBytes === null ? null : dataUsedBytes + logUsedBytes;
  return {
    databaseName,
    sizeBytes: toBytes(data + log, databaseName),
    dataBytes: toBytes(data, databaseName),
    logBytes: toBytes(log, databaseName),
    indexBytes: null,
    tempBytes: null,
    usedBytes: used === null ? null : toBytes(used, databaseName),
    limitBytes: limitOf(database, data, log),
    method: 'exact',
  };
}

/**
 * The log of a database, as far as it is known what is used of it: what is not used is written over, and a log that is full
 * stops the database.
 * @throws TidemarkError `size_out_of_range`
 */
export function measureLog(database: DatabaseFiles): StorageMeasurement[] {
  const { databaseName, files, logUsedBytes: used, volumeUnder } = database;
  const logFiles = files.filter(isLog);
  if (used === null || logFiles.length === 0) return [];
  const allocated = sumOf(logFiles.map(sizeOf));
  const limit = plus(allocated, roomOfAll(logFiles, volumeUnder));
  const limitBytes = limit === null ? null : toBytes(limit, databaseName);
  const usedBytes = toBytes(used, databaseName);
  return [
    {
      ...{ scope: 'log', name: `${databaseName}/log`, allocatedBytes: toBytes(allocated, databaseName), usedBytes },
      ...{ limitBytes, freeBytes: limitBytes === null ? null : Math.max(0, limitBytes - usedBytes) },
    },
  ];
}

/** What the data files use; null where one of them did not say. A FILESTREAM container holds nothing but what is used. */
export function dataUsedIn(files: readonly UsedFileRow[]): bigint | null {
  const used = files
    .filter((file) => !isLog(file))
    .map((file) => (isFilestream(file) ? file.size_bytes : file.used_bytes))
    .map((bytes) => (bytes === null ? null : BigInt(bytes)));
  return used.includes(null) ? null : sumOf(used.map((bytes) => bytes ?? 0n));
}

export function isFilestream(file: FileRow): boolean {
  return file.file_type === filestreamType;
}

/**
 * The size at which the database stops growing: when its data files have reached their maximum sizes, filled their volumes,
 * or reached what the edition allows. The log is counted as it is: it is emptied again and again, and its usual maximum of
 * 2 TB says nothing of when the data will be full.
 */
function limitOf(database: DatabaseFiles, data: bigint, log: bigint): number | null {
  const { files, volumeUnder, maxDataBytes } = database;
  const dataFiles = files.filter((file) => !isLog(file));
  const limit = plus(data, roomOfAll(dataFiles, volumeUnder));
  // A database that was larger already when it came to this edition or service tier has reached its limit.
  const ceiling = maxDataBytes !== null && maxDataBytes < data ? data : maxDataBytes;
  const total = plus(smaller(limit, ceiling), log);
  return total === null || total > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(total);
}

/** By how much files may grow together: those on one volume share its room. Null: until the disk is full. */
function roomOfAll(files: readonly FileRow[], volumeUnder: DatabaseFiles['volumeUnder']): bigint | null {
  const volumes = new Map(files.map((file) => volumeUnder(file.file_id)).map((volume) => [volume?.name, volume]));
  let room: bigint | null = 0n;
  for (const [name, volume] of volumes) {
    const rooms = files.filter((file) => volumeUnder(file.file_id)?.name === name).map(roomOf);
    room = plus(room, smaller(rooms.reduce(plus, 0n), volume?.availableBytes ?? null));
  }
  return room;
}

/** By how much a file may grow; null: until the disk is full. FILESTREAM containers grow although their growth is 0. */
function roomOf(file: FileRow): bigint | null {
  const { max_pages: maxPages, growth } = file;
  if (maxPages === 0 || (growth === 0 && !isFilestream(file))) return 0n;
  if (maxPages < 0) return null;
  const room = BigInt(maxPages) * pageBytes - sizeOf(file);
  return room > 0n ? room : 0n;
}

function isLog(file: FileRow): boolean {
  return file.file_type === logType;
}

function sizeOf({ size_bytes: bytes }: FileRow): bigint {
  if (!/^-?\d+$/.test(bytes)) throw new TidemarkError('size_out_of_range', `${bytes.slice(0, 60)} is not a size`);
  return BigInt(bytes);
}

function sumOf(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}

/** Null is more than any number, here and below. */
function plus(one: bigint | null, other: bigint | null): bigint | null {
  return one === null || other === null ? null : one + other;
}

function smaller(one: bigint | null, other: bigint | null): bigint | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}
