import type {
  DatabaseMeasurement,
  Finding,
  InstanceMeasurement,
  MeasureOptions,
  StorageMeasurement,
  Target,
} from '../engine.ts';
import type { TdsConnection } from './connection.ts';
import { isDropped, isPermissionError, isUnavailable, isUnreadableReplica, translate } from './errors.ts';
import { Findings } from './findings.ts';
import type { Server } from './server.ts';
import {
  dataUsedIn,
  isFilestream,
  measureFiles,
  measureLog,
  type DatabaseFiles,
  type FileRow,
  type UsedFileRow,
} from './sizes.ts';
import { listFiles, listFilesOfDatabase, listVolumes } from './statements.ts';
import { Volumes, type VolumeRow } from './volumes.ts';

/** A database without visible files has one row of nulls in place of a file. */
interface ListedFileRow extends Omit<FileRow, 'file_id'> {
  readonly database_id: number;
  readonly database_name: string;
  readonly state: string;
  readonly file_id: number | null;
}

interface ListedDatabase {
  readonly id: number;
  readonly name: string;
  readonly isOnline: boolean;
  /** As master knows them; empty where we may not see them. */
  readonly files: readonly FileRow[];
}

/** What a database says of itself, or why it does not. */
interface InsideView {
  /** Null where it could not be asked. */
  readonly files: readonly UsedFileRow[] | null;
  readonly logUsedBytes: bigint | null;
  /** Null where all is well. */
  readonly problem: Finding | null;
  readonly isDropped: boolean;
}

const notAsked: InsideView = { files: null, logUsedBytes: null, problem: null, isDropped: false };

/** master, tempdb, model and msdb: no edition limits them. */
const lastSystemDatabaseId = 4;

/** Measures a SQL Server or an Azure SQL Managed Instance: all of its databases from one connection. */
export class InstanceMeter {
  readonly #connection: TdsConnection;
  readonly #server: Server;
  readonly #target: Target;
  readonly #findings: Findings;
  readonly #databases: DatabaseMeasurement[] = [];
  readonly #logs: StorageMeasurement[] = [];
  readonly #failures: Finding[] = [];
  readonly #warnings: Finding[] = [];

  constructor(connection: TdsConnection, server: Server, target: Target) {
    this.#connection = connection;
    this.#server = server;
    this.#target = target;
    this.#findings = new Findings(target, server);
  }

  /** @throws TidemarkError when not even the databases can be listed */
  async measure(options: MeasureOptions): Promise<InstanceMeasurement> {
    const listed = databasesOf(await this.#connection.query<ListedFileRow>(listFiles));
    const wanted = listed.filter((database) => options.wanted(database.name));
    this.#warnOfBlindness(wanted);
    const views = await this.#lookInside(wanted);
    const volumes = await this.#readVolumes();
    for (const database of wanted) this.#measureDatabase(database, views.get(database.id) ?? notAsked, volumes);
    return {
      databases: this.#databases,
      storage: [...this.#measureVolumes(volumes), ...this.#logs],
      failures: this.#failures,
      warnings: this.#warnings,
    };
  }

  #warnOfBlindness(wanted: readonly ListedDatabase[]): void {
    if (!this.#server.viewsAnyDatabase) this.#warnings.push(this.#findings.hiddenDatabases());
    const hidden = wanted.filter((database) => database.files.length === 0);
    if (hidden.length > 0) this.#warnings.push(this.#findings.hiddenFiles(hidden.length));
    if (!this.#server.viewsState) this.#warnings.push(this.#findings.hiddenState());
  }

  /** Asks each online database what is used in it, as long as the connection holds. */
  async #lookInside(wanted: readonly ListedDatabase[]): Promise<ReadonlyMap<number, InsideView>> {
    const views = new Map<number, InsideView>();
    const online = wanted.filter((database) => database.isOnline);
    for (const database of online) {
      if (this.#connection.isLost) break;
      views.set(database.id, await this.#lookInto(database));
    }
    if (views.size < online.length) this.#warnings.push(this.#findings.unasked(online.length - views.size));
    return views;
  }

  async #lookInto({ name }: ListedDatabase): Promise<InsideView> {
    try {
      const statement = listFilesOfDatabase(this.#server.viewsState);
      const rows = await this.#connection.query<UsedFileRow & { log_used_bytes: string | null }>(statement, {
        database: name,
      });
      const logUsed = rows[0]?.log_used_bytes ?? null;
      return { ...notAsked, files: rows, logUsedBytes: logUsed === null ? null : BigInt(logUsed) };
    } catch (error) {
      // A replica that nobody may read is as it shall be.
      if (isUnreadableReplica(error)) return notAsked;
      const problem = isPermissionError(error) ? this.#findings.closedDatabase(name) : this.#finding(name, error);
      return { ...notAsked, problem, isDropped: isDropped(error) };
    }
  }

  async #readVolumes(): Promise<Volumes> {
    if (!this.#server.viewsState || this.#connection.isLost) return new Volumes([]);
    try {
      return new Volumes(await this.#connection.query<VolumeRow>(listVolumes));
    } catch (error) {
      this.#warnings.push(isPermissionError(error) ? this.#findings.hiddenState() : this.#finding(null, error));
      return new Volumes([]);
    }
  }

  #measureVolumes(volumes: Volumes): StorageMeasurement[] {
    try {
      return volumes.measure();
    } catch (error) {
      this.#warnings.push(this.#finding(null, error));
      return [];
    }
  }

  #measureDatabase(database: ListedDatabase, view: InsideView, volumes: Volumes): void {
    const { id, name } = database;
    if (view.isDropped) return;
    // From outside FILESTREAM containers have the size 0, and the files of a replica that of the primary.
    const files = view.files ?? database.files;
    if (files.length === 0) {
      const isClosed = view.problem === null || view.problem.code === 'permission_denied';
      this.#failures.push(isClosed ? this.#findings.hiddenFilesOf(name) : view.problem);
      return;
    }
    if (view.problem !== null) this.#warnings.push(view.problem);
    try {
      const described: DatabaseFiles = {
        databaseName: name,
        files,
        dataUsedBytes: view.files === null ? null : dataUsedIn(view.files),
        logUsedBytes: view.logUsedBytes,
        volumeUnder: (fileId) => volumes.under(id, fileId),
        maxDataBytes: id > lastSystemDatabaseId ? this.#server.maxDataBytes : null,
      };
      const measured = measureFiles(described);
      const isIncomplete = view.files === null && files.some(isFilestream);
      if (isIncomplete) this.#warnings.push(this.#findings.unknownFilestream(name));
      this.#logs.push(...measureLog(described));
      this.#databases.push(isIncomplete ? { ...measured, method: 'estimate' } : measured);
    } catch (error) {
      this.#failures.push(this.#finding(name, error));
    }
  }

  #finding(databaseName: string | null, error: unknown): Finding {
    const { code, message } = translate(error, `${this.#target.host}:${this.#target.port}`, this.#target);
    const isAboutDatabase = databaseName !== null && (code === 'query_failed' || isUnavailable(error));
    return { databaseName, code: isAboutDatabase ? 'database_unreadable' : code, message };
  }
}

function databasesOf(rows: readonly ListedFileRow[]): ListedDatabase[] {
  const databases = new Map<number, ListedDatabase & { files: FileRow[] }>();
  for (const { database_id: id, database_name: name, state, file_id: fileId, ...file } of rows) {
    const database = databases.get(id) ?? { id, name, isOnline: state === 'ONLINE', files: [] };
    databases.set(id, database);
    if (fileId !== null) database.files.push({ ...file, file_id: fileId });
  }
  return [...databases.values()];
}
