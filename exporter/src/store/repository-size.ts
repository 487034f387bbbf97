import type { Queryable } from './pool.ts';
import { approximateRows, type Relation } from './row-counts.ts';

/** The database that the history is kept in. */
export interface RepositoryDescription {
  /** Of PostgreSQL. */
  readonly serverVersion: string;
  /** The number of the last migration. */
  readonly schemaVersion: number;
  readonly sizeBytes: number;
  /** The largest first; those of the queue are in a schema of their own and not among them. */
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly bytes: number }[];
  /** What the retention removed, the last first. */
  readonly dropped: readonly DroppedPartition[];
}

export interface DroppedPartition {
  readonly name: string;
  /** The first day, and the first day after it, YYYY-MM-DD. */
  readonly fromDate: string;
  readonly toDate: string;
  readonly rows: number;
  readonly freedBytes: number;
  readonly droppedAt: Date;
}

/** Rows of large tables are those of the server's statistics. */
export async function describeRepository(client: Queryable): Promise<RepositoryDescription> {
  const { rows } = await client.query<Omit<RepositoryDescription, 'tables' | 'dropped'>>(
    `SELECT current_setting('server_version') AS "serverVersion",
       (SELECT max(version) FROM schema_migrations) AS "schemaVersion",
       pg_database_size(current_database()) AS "sizeBytes"`,
  );
  const [server] = rows;
  if (server === undefined) throw new Error('the repository did not describe itself');
  return { ...server, tables: await readTables(client), dropped: await listDropped(client) };
}

async function readTables(client: Queryable): Promise<RepositoryDescription['tables']> {
  const { rows: relations } = await client.query<Relation & { table: string }>(
    `SELECT coalesce(p.relname, c.relname) AS "table", c.relname AS name, pg_total_relation_size(c.oid) AS bytes,
       c.reltuples::float8 AS "estimatedRows"
     FROM pg_class AS c
     LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid
     LEFT JOIN pg_class AS p ON p.oid = i.inhparent
     WHERE c.relkind = 'r'
       AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('schema_migrations'))
     ORDER BY c.relname`,
  );
  const tables = new Map<string, { name: string; rows: number; bytes: number }>();
  for (const relation of relations) {
    const { rows, bytes } = tables.get(relation.table) ?? { rows: 0, bytes: 0 };
    const counted = await approximateRows(client, relation);
    tables.set(relation.table, { name: relation.table, rows: rows + counted, bytes: bytes + relation.bytes });
  }
  return [...tables.values()].sort((one, other) => other.bytes - one.bytes || (one.name < other.name ? -1 : 1));
}

async function listDropped(client: Queryable): Promise<DroppedPartition[]> {
  const { rows } = await client.query<DroppedPartition>(
    `SELECT partition_name AS name, from_date AS "fromDate", to_date AS "toDate", row_count AS rows,
       freed_bytes AS "freedBytes", dropped_at AS "droppedAt"
     FROM dropped_partitions
     ORDER BY dropped_at DESC, partition_name`,
  );
  return rows;
}
