/** Everything that is asked of a MySQL or MariaDB server. */

export const systemSchemas: readonly string[] = ['information_schema', 'performance_schema', 'mysql', 'sys'];

const noSystemSchemas = `NOT IN (${systemSchemas.map((name) => `'${name}'`).join(', ')})`;

/** The server's own collations hold "Sales" and "sales" for the same, but on most systems they are two schemas. */
const exactly = (name: string): string => `CONVERT(${name} USING utf8mb4) COLLATE utf8mb4_bin`;

/**
 * Privileges for all databases: whoever has one sees the names of all (a server compares with just these, and with SHOW
 * DATABASES; PROCESS shows none).
 */
const databasePrivileges = [
  ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES', 'INDEX', 'ALTER', 'EXECUTE', 'EVENT'],
  ...[
    'CREATE TEMPORARY TABLES',
    'LOCK TABLES',
    'CREATE VIEW',
    'SHOW VIEW',
    'CREATE ROUTINE',
    'ALTER ROUTINE',
    'TRIGGER',
  ],
];

const namesOfAll: readonly string[] = ['SHOW DATABASES', ...databasePrivileges];

/**
 * Every schema that is shown, those of the system included, so that there is a row in any case; and whether the account
 * itself has a privilege that shows all of them. Those of its roles are not in this view.
 * @param account as CURRENT_USER() tells it, in two parts
 */
export const listSchemas = ([user, host]: readonly [string, string]): string => `
  SELECT schema_name AS name, EXISTS (
      SELECT 1
      FROM information_schema.user_privileges
      WHERE ${exactly('grantee')} = ${textOf(`'${user}'@'${host}'`)}
        AND privilege_type IN (${namesOfAll.map((name) => `'${name}'`).join(', ')})
    ) AS shows_all
  FROM information_schema.schemata`;

/** In hexadecimal: whether a backslash escapes depends on a setting of the server. */
const textOf = (text: string): string => `CONVERT(X'${Buffer.from(text).toString('hex')}' USING utf8mb4)`;

/** Of the account and its active roles, as statements. */
export const showGrants = 'SHOW GRANTS';

/** Whether one of the statements that SHOW GRANTS shows gives the names of all databases. */
export function grantsShowAllNames(grants: readonly string[]): boolean {
  return grants.some((grant) => {
    const [, privileges = ''] = /^GRANT (.*) ON \*\.\* TO /.exec(grant) ?? [];
    return privileges
      .split(/, ?/)
      .some((privilege) => privilege === 'ALL PRIVILEGES' || namesOfAll.includes(privilege));
  });
}

/** Whether one of them is why a schema is shown. */
export function grantsNameSchema(grants: readonly string[], schema: string): boolean {
  return grants.some((grant) => new RegExp(` ON (\\w+ )?[\`"]${schema}[\`"]\\.`).test(grant));
}

/**
 * Logical sizes per schema. Must run before the tablespaces are read: after a restart MariaDB lists only opened tablespaces,
 * and this pass opens them. Always with WHERE and GROUP BY: a bare sum over the view was seen to lose rows.
 */
export const logicalSizes = `
  SELECT ${exactly('table_schema')} AS name,
    SUM(data_length) AS data_bytes,
    SUM(index_length) AS index_bytes,
    SUM(CASE WHEN engine = 'InnoDB' THEN data_length + index_length ELSE 0 END) AS innodb_bytes,
    SUM(CASE WHEN engine = 'InnoDB' THEN 0 ELSE data_length + index_length END) AS other_bytes
  FROM information_schema.tables
  WHERE ${exactly('table_schema')} ${noSystemSchemas} AND table_type <> 'VIEW'
  GROUP BY 1`;

/** MySQL 8 calls the view INNODB_TABLESPACES, MySQL 5.7 and MariaDB INNODB_SYS_TABLESPACES. */
export const findTablespacesView = `
  SELECT table_name AS name
  FROM information_schema.columns
  WHERE table_schema = 'information_schema'
    AND table_name IN ('INNODB_TABLESPACES', 'INNODB_SYS_TABLESPACES')
    AND column_name = 'FILE_SIZE'`;

/** Bytes of the files per schema. Names are those of the files ("my@002ddb/t"); the server turns them back. */
export const fileSizes = (view: string): string => `
  SELECT ${exactly("CONVERT(CAST(SUBSTRING_INDEX(name, '/', 1) AS BINARY) USING filename)")} AS name,
    SUM(file_size) AS file_bytes
  FROM information_schema.${view}
  WHERE name LIKE '%/%'
  GROUP BY 1`;

/** Tablespaces that are no table's own: system, undo, temporary, and the general ones of MySQL 8. */
export const sharedTablespaces = (view: string): string => `
  SELECT name, file_size AS file_bytes
  FROM information_schema.${view}
  WHERE name NOT LIKE '%/%'`;

/** Settings of our session; a server that does not know one (error 1193) goes without. */
export const sessionSettings = (milliseconds: number): string[] => [
  'SET SESSION TRANSACTION READ ONLY',
  // Statistics of tables are cached for 24 hours by default (MySQL 8).
  'SET SESSION information_schema_stats_expiry = 0',
  // Metadata locks queue behind DDL: rather an error than a queue of ours.
  'SET SESSION lock_wait_timeout = 10',
  `SET SESSION max_execution_time = ${milliseconds}`,
  `SET SESSION max_statement_time = ${milliseconds / 1000}`,
];
