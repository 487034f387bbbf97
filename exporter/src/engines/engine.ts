import type { Secret } from '../config/secret.ts';
import type { TlsOptions } from '../config/tls.ts';
import type { ErrorCode } from '../errors.ts';

/** Where to log in, as whom, how protected. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** What to connect to; the service name for Oracle. */
  readonly database: string;
  readonly username: string;
  readonly password: Secret | null;
  readonly tls: TlsOptions;
}

/** Deadlines of one instance, in milliseconds. */
export interface SessionDeadlines {
  readonly connect: number;
  readonly query: number;
  readonly close: number;
}

/** How a size was obtained: read off the files by the server, or derived from statistics. */
export type Method = 'exact' | 'estimate';

/** One database, one moment. Sizes are whole bytes up to 2^53 - 1; null is "this engine cannot say", never 0. */
export interface DatabaseMeasurement {
  readonly databaseName: string;
  /** Allocated in total. */
  readonly sizeBytes: number;
  readonly dataBytes: number | null;
  readonly logBytes: number | null;
  readonly indexBytes: number | null;
  readonly tempBytes: number | null;
  /** Used inside what is allocated. */
  readonly usedBytes: number | null;
  /** The size at which the database stops growing. */
  readonly limitBytes: number | null;
  readonly method: Method;
}

/** Something that could not be measured, or only in part, with the remedy in the message. */
export interface Finding {
  /** Null: it concerns the instance. */
  readonly databaseName: string | null;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Where an instance keeps bytes besides its databases. */
export type StorageScope = 'log' | 'tablespace' | 'volume';

/** A log of the whole instance, a tablespace, or a volume that files lie on. Null: the engine cannot say. */
export interface StorageMeasurement {
  readonly scope: StorageScope;
  /**
   * Of a log its kind: `wal`, `binlog` or `redo`; of the log of one database: `database/log`. Of a tablespace in a database:
   * `database/tablespace`.
   */
  readonly name: string;
  /** Taken from the disk; null for a volume. */
  readonly allocatedBytes: number | null;
  readonly usedBytes: number | null;
  /** The size at which it stops growing; of a volume its size. */
  readonly limitBytes: number | null;
  /** Left before the limit. */
  readonly freeBytes: number | null;
}

export interface InstanceMeasurement {
  readonly databases: readonly DatabaseMeasurement[];
  /** Empty where the engine cannot say or may not. */
  readonly storage: readonly StorageMeasurement[];
  /** Databases that could not be measured. */
  readonly failures: readonly Finding[];
  /** What lowers the worth of the measurements, such as a missing privilege that makes them estimates. */
  readonly warnings: readonly Finding[];
}

export interface MeasureOptions {
  /** Whether this database is to be measured (include and exclude patterns). */
  readonly wanted: (databaseName: string) => boolean;
  /** Where sizing takes longer than the deadline, take an estimate from the server's statistics instead. */
  readonly estimateOnTimeout: boolean;
}

/** A login to one server. */
export interface EngineSession {
  /** As the server says it, e.g. "PostgreSQL 18.4" or "MariaDB 10.11.6". */
  readonly serverVersion: string;
  /** Whether the login and all that followed went over TLS. */
  readonly encrypted: boolean;
  /** The address at the other end; null where it is not a network address. */
  readonly remoteAddress: string | null;
  /** @throws TidemarkError when nothing at all can be measured */
  measure(options: MeasureOptions): Promise<InstanceMeasurement>;
  /** Says goodbye within the deadline, else drops the connection. Never throws, and can be called twice. */
  close(): Promise<void>;
}

/** What can be measured: of a database its sizes by kind, of the instance its logs, tablespaces and volumes. */
export type CapabilitySubject =
  'size' | 'data' | 'log' | 'index' | 'temp' | 'used' | 'limit' | 'instance log' | 'tablespaces' | 'volumes';

/** What an engine can say of one subject. */
export interface Capability {
  readonly subject: CapabilitySubject;
  /** From which versions or editions on, e.g. "2012" or "all"; null: it cannot say. */
  readonly since: string | null;
  /** The view or function that is asked; where it cannot say, why. */
  readonly source: string;
  /** What the login needs, as a GRANT where there is one; null: nothing beyond the login. */
  readonly privilege: string | null;
}

/** A kind of database server: how to connect to it and what to ask. */
export interface Engine {
  readonly name: string;
  /** As users write it. */
  readonly label: string;
  /** E.g. "PostgreSQL 12 and newer". */
  readonly supportedVersions: string;
  /** One entry for each subject. */
  readonly capabilities: readonly Capability[];
  readonly defaultPort: number;
  readonly defaultDatabase: string;
  /**
   * @throws TidemarkError `host_unknown`, `connection_refused`, `connection_lost`, `access_denied`, `database_unknown`,
   *   `too_many_connections`, `server_too_old`, `timeout` or `protocol_error`; nothing stays open then
   */
  connect(target: Target, deadlines: SessionDeadlines): Promise<EngineSession>;
}

/** The name under which our sessions show up in a server's own lists. */
export const sessionName = 'tidemark';
