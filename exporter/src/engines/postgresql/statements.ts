/** Everything that is asked of a PostgreSQL server. */

/** -2 marks a database whose DROP was interrupted: sizing it fails. */
export const listDatabases = `
  SELECT d.oid, d.datname AS name,
    has_database_privilege(d.oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE') AS readable
  FROM pg_database AS d
  WHERE NOT d.datistemplate AND d.datconnlimit <> -2
  ORDER BY d.datname`;

/** By oid: by name, a database that was dropped since the list was read raises an error. */
export const sizeDatabases = `
  SELECT oid, pg_database_size(oid) AS size_bytes
  FROM unnest($1::oid[]) AS oid`;

export const listTablespaces = `
  SELECT t.oid, t.spcname AS name,
    has_tablespace_privilege(t.oid, 'CREATE') OR pg_has_role('pg_read_all_stats', 'USAGE') AS readable
  FROM pg_tablespace AS t
  ORDER BY t.spcname`;

export const sizeTablespaces = `
  SELECT t.spcname AS name, pg_tablespace_size(t.oid) AS size_bytes
  FROM pg_tablespace AS t
  WHERE t.oid = ANY ($1::oid[])`;

export const sizeWal = `SELECT sum(size) AS size_bytes FROM pg_ls_waldir()`;

/** Statistics of the relations of the connected database, for where sizing its files takes too long. */
export const estimateDatabase = `
  SELECT sum(relpages::bigint) * current_setting('block_size')::bigint AS size_bytes
  FROM pg_class
  WHERE relkind IN ('r', 'i', 't', 'm', 'S')`;
