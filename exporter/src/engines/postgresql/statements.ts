/** Everything that is asked of a PostgreSQL server. */

/** -2 marks a database whose DROP was interrupted: sizing it fails. */
export const listDatabases = `
  SELECT d.oid, d.datname AS name,
    has_database_privilege(d.oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE') AS readable
  FROM pg_database AS d
  WHERE NOT d.datistemplate AND d.datconnlimit <> -2
  ORDER BY d.datname`;

/** By oid: by name, a database that was dropped since the list was read raises an error. */
export const sizeDatabases = (oids: readonly number[]): string => `
  SELECT oid, pg_database_size(oid) AS size_bytes
  FROM unnest(${arrayOf(oids)}) AS oid`;

/** Of those that may be read; the others have no size. */
export const sizeTablespaces = `
  SELECT name, readable, CASE WHEN readable THEN pg_tablespace_size(oid) END AS size_bytes
  FROM (
    SELECT t.oid, t.spcname AS name,
      has_tablespace_privilege(t.oid, 'CREATE') OR pg_has_role('pg_read_all_stats', 'USAGE') AS readable
    FROM pg_tablespace AS t
  ) AS tablespace
  ORDER BY name`;

/** Numbers only, whatever a server said: statements that go together in one message take no parameters. */
function arrayOf(oids: readonly number[]): string {
  return `'{${oids.map(Number).join(',')}}'::oid[]`;
}

export const sizeWal = `SELECT 'wal' AS name, true AS readable, sum(size) AS size_bytes FROM pg_ls_waldir()`;

/** Statistics of the relations of the connected database, for where sizing its files takes too long. */
export const estimateDatabase = `
  SELECT sum(relpages::bigint) * current_setting('block_size')::bigint AS size_bytes
  FROM pg_class
  WHERE relkind IN ('r', 'i', 't', 'm', 'S')`;
