/**
 * A small model of a SQL Server instance: databases, their files, volumes, and what a login may see of them. It answers the
 * statements of the engine as the manual of the server says; any other statement is unexpected and fails.
 */
import {
  describeServer,
  listAzureDatabases,
  listFiles,
  listFilesOfAzureDatabase,
  listFilesOfDatabase,
  listVolumes,
  readAzureLogUsed,
} from '../../../exporter/src/engines/sqlserver/statements.ts';
import type { Column, Handler, ResultSet, Row } from '../tds/server.ts';
import { permissionDenied, TdsError } from '../tds/server.ts';

export interface ModelFile {
  readonly id: number;
  readonly type: 'rows' | 'log' | 'filestream';
  /** Of 8 KB, now. */
  readonly pages: bigint;
  /** As sys.master_files has it, where that differs: tempdb since its start, FILESTREAM (0). */
  readonly pagesInMaster?: bigint;
  readonly usedPages?: bigint;
  /** -1, the default: until the disk is full. */
  readonly maxPages?: number;
  /** Pages, 8192 by default; 0 is a file of fixed size. */
  readonly growth?: number;
  readonly volume?: ModelVolume;
  readonly path?: string;
}

export interface ModelVolume {
  /** Null on Linux. */
  readonly mountPoint: string | null;
  readonly total: bigint;
  readonly available: bigint;
}

export interface ModelDatabase {
  readonly id: number;
  readonly name: string;
  /** ONLINE by default. */
  readonly state?: string;
  readonly snapshotOf?: number;
  readonly files: readonly ModelFile[];
  readonly logUsedBytes?: bigint;
  /** What comes of asking inside it. */
  readonly refusal?: TdsError;
  /** Azure: the largest size of its data. */
  readonly maxBytes?: bigint;
  /** Azure: what sys.resource_stats has of it, in megabytes. */
  readonly statistics?: { readonly allocated: number; readonly used: number };
}

export type Permission =
  | 'VIEW ANY DATABASE'
  | 'VIEW ANY DEFINITION'
  | 'VIEW SERVER STATE'
  | 'VIEW SERVER PERFORMANCE STATE'
  | 'VIEW DATABASE STATE';

export interface ModelInstance {
  /** 3, Enterprise, by default. */
  readonly edition?: number;
  readonly productVersion?: string;
  /** master by default. */
  readonly currentDatabase?: string;
  readonly databases: readonly ModelDatabase[];
  /** All that version 2019 asks for by default. */
  readonly permissions?: readonly Permission[];
}

const pageBytes = 8192n;
const typeNumbers = { rows: 0, log: 1, filestream: 2 };
const bigint = (name: string): Column => ({ name, type: 'bigint' });
const int = (name: string): Column => ({ name, type: 'int' });
const text = (name: string): Column => ({ name, type: 'nvarchar', length: 260 });
const fileColumns = [
  int('file_id'),
  { name: 'file_type', type: 'tinyint' } as const,
  bigint('size_bytes'),
  int('max_pages'),
  int('growth'),
];

/** What makes a test server answer as the model. */
export function handlersFor(instance: ModelInstance): Handler[] {
  return [
    { match: describeServer, answer: () => description(instance) },
    { match: listFiles, answer: () => filesOf(instance) },
    { match: listVolumes, answer: () => volumesOf(instance) },
    { match: listFilesOfDatabase(true), answer: ({ parameters }) => inside(instance, parameters.database, true) },
    { match: listFilesOfDatabase(false), answer: ({ parameters }) => inside(instance, parameters.database, false) },
    { match: listFilesOfAzureDatabase, answer: ({ database }) => insideAzure(instance, database) },
    { match: readAzureLogUsed, answer: ({ database }) => azureLog(instance, database) },
    { match: listAzureDatabases, answer: () => azureStatistics(instance) },
  ];
}

function may(instance: ModelInstance, permission: Permission): boolean {
  const all: Permission[] = ['VIEW ANY DATABASE', 'VIEW ANY DEFINITION', 'VIEW SERVER STATE', 'VIEW DATABASE STATE'];
  return (instance.permissions ?? all).includes(permission);
}

function majorOf(instance: ModelInstance): number {
  return Number.parseInt(instance.productVersion ?? '15', 10);
}

/** Since 2022 the older permission covers the newer one. */
function mayReadState(instance: ModelInstance): boolean {
  return may(instance, 'VIEW SERVER STATE') || may(instance, 'VIEW SERVER PERFORMANCE STATE');
}

function description(instance: ModelInstance): ResultSet {
  const { edition = 3, productVersion = '15.0.4430.1', currentDatabase = 'master' } = instance;
  const performance = majorOf(instance) >= 16 || edition === 8 ? Number(mayReadState(instance)) : null;
  return {
    columns: [
      int('engine_edition'),
      text('product_version'),
      text('current_database'),
      int('views_any_database'),
      int('views_server_state'),
      int('views_server_performance_state'),
    ],
    rows: [
      [
        edition,
        productVersion,
        currentDatabase,
        Number(may(instance, 'VIEW ANY DATABASE')),
        Number(may(instance, 'VIEW SERVER STATE')),
        performance,
      ],
    ],
  };
}

/** sys.databases with the files: without VIEW ANY DEFINITION those of tempdb only, which are everybody's. */
function filesOf(instance: ModelInstance): ResultSet {
  const listed = instance.databases.filter((database) => database.snapshotOf === undefined);
  const rows = listed.flatMap(({ id, name, state = 'ONLINE', files }): Row[] => {
    const isVisible = id === 2 || may(instance, 'VIEW ANY DEFINITION');
    if (!isVisible) return [[id, name, state, null, null, null, null, null]];
    return files.map((file) => [id, name, state, ...fileCells(file, id === 2 ? file.pages : pagesInMaster(file))]);
  });
  return { columns: [int('database_id'), text('database_name'), text('state'), ...fileColumns], rows };
}

function pagesInMaster(file: ModelFile): bigint {
  return file.pagesInMaster ?? (file.type === 'filestream' ? 0n : file.pages);
}

function fileCells({ id, type, maxPages = -1, growth }: ModelFile, pages: bigint): (number | bigint)[] {
  return [id, typeNumbers[type], pages * pageBytes, maxPages, growth ?? (type === 'filestream' ? 0 : 8192)];
}

function volumesOf(instance: ModelInstance): ResultSet | TdsError {
  if (!mayReadState(instance)) return stateDenied(instance);
  const databases = may(instance, 'VIEW ANY DEFINITION') ? instance.databases : [];
  const rows = databases.flatMap((database) =>
    database.files.flatMap(({ id, volume, path = `/data/${database.id}_${id}` }): Row[] =>
      volume === undefined ? [] : [[database.id, id, path, volume.mountPoint, volume.total, volume.available]],
    ),
  );
  const columns = [int('database_id'), int('file_id'), text('physical_name'), text('mount_point')];
  return { columns: [...columns, bigint('total_bytes'), bigint('available_bytes')], rows };
}

function stateDenied(instance: ModelInstance): TdsError {
  return permissionDenied(majorOf(instance) >= 16 ? 'VIEW SERVER PERFORMANCE STATE' : 'VIEW SERVER STATE');
}

function inside(instance: ModelInstance, name: unknown, withLog: boolean): ResultSet | TdsError {
  const database = instance.databases.find((candidate) => candidate.name === name);
  if (database === undefined) return new TdsError(911, `Database '${String(name)}' does not exist.`);
  if (database.refusal !== undefined) return database.refusal;
  if (database.state !== undefined && database.state !== 'ONLINE') {
    return new TdsError(942, `Database '${database.name}' cannot be opened because it is offline.`, { class: 14 });
  }
  if (withLog && !mayReadState(instance)) return stateDenied(instance);
  const logUsed = withLog ? (database.logUsedBytes ?? 0n) : null;
  return {
    columns: [...fileColumns, bigint('used_bytes'), bigint('log_used_bytes')],
    rows: database.files.map((file) => [...fileCells(file, file.pages), usedBytes(file), logUsed]),
  };
}

/** FILEPROPERTY knows files of rows only. */
function usedBytes({ type, usedPages }: ModelFile): bigint | null {
  return type !== 'rows' || usedPages === undefined ? null : usedPages * pageBytes;
}

function insideAzure(instance: ModelInstance, name: string): ResultSet | TdsError {
  const database = instance.databases.find((candidate) => candidate.name === name);
  if (database === undefined) return new TdsError(911, `Database '${name}' does not exist.`);
  return {
    columns: [...fileColumns, bigint('used_bytes'), bigint('max_bytes')],
    rows: database.files.map((file) => [...fileCells(file, file.pages), usedBytes(file), database.maxBytes ?? null]),
  };
}

function azureLog(instance: ModelInstance, name: string): ResultSet | TdsError {
  const message = `VIEW DATABASE STATE permission denied in database '${name}'.`;
  if (!may(instance, 'VIEW DATABASE STATE')) return new TdsError(262, message, { class: 14 });
  const database = instance.databases.find((candidate) => candidate.name === name);
  return { columns: [bigint('log_used_bytes')], rows: [[database?.logUsedBytes ?? null]] };
}

function azureStatistics(instance: ModelInstance): ResultSet {
  const bytes = (megabytes: number | undefined): bigint | null =>
    megabytes === undefined ? null : BigInt(Math.round(megabytes * 1_048_576));
  return {
    columns: [text('database_name'), bigint('allocated_bytes'), bigint('used_bytes')],
    rows: instance.databases
      .filter(({ name }) => name !== 'master')
      .map(({ name, statistics }) => [name, bytes(statistics?.allocated), bytes(statistics?.used)]),
  };
}
