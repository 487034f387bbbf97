/** Everything that is asked of a SQL Server. */

/**
 * Settings of our session: we wait for nobody's locks for long, and where two lock each other out it is us who give way.
 */
export const sessionSettings = `
  SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED;
  SET LOCK_TIMEOUT 10000;
  SET DEADLOCK_PRIORITY LOW;`;

/** Which product this is, where we are, and what we may. A permission that the version does not know gives null. */
export const describeServer = `
  SELECT CAST(SERVERPROPERTY('EngineEdition') AS int) AS engine_edition,
    CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS product_version,
    DB_NAME() AS current_database,
    HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DATABASE') AS views_any_database,
    HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE') AS views_server_state,
    HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER PERFORMANCE STATE') AS views_server_performance_state`;

/**
 * Every database with its files, offline ones included; snapshots are views of other databases and would count twice.
 * A size is in pages of 8 KB as an int: multiplied as such it overflows at 2 TB. tempdb is taken from its own catalog,
 * because sys.master_files keeps the size that it started with. A database whose files we may not see has one row of nulls.
 */
export const listFiles = `
  SELECT d.database_id, d.name AS database_name, d.state_desc AS state, f.file_id, f.type AS file_type,
    CAST(f.size AS bigint) * 8192 AS size_bytes, f.max_size AS max_pages, f.growth
  FROM sys.databases AS d
  LEFT JOIN (
    SELECT database_id, file_id, type, size, max_size, growth
    FROM sys.master_files
    WHERE database_id <> 2
    UNION ALL
    SELECT 2, file_id, type, size, max_size, growth
    FROM tempdb.sys.database_files
  ) AS f ON f.database_id = d.database_id
  WHERE d.source_database_id IS NULL
  ORDER BY d.database_id, f.file_id`;

/** The volume under each file. The mount point is null on Linux. */
export const listVolumes = `
  SELECT f.database_id, f.file_id, f.physical_name, v.volume_mount_point AS mount_point, v.total_bytes,
    v.available_bytes
  FROM sys.master_files AS f
  CROSS APPLY sys.dm_os_volume_stats(f.database_id, f.file_id) AS v`;

/** The files of the current database, and what is used in them: FILEPROPERTY knows no others. */
const filesOfCurrentDatabase = (furtherColumn: string): string => `
  SELECT f.file_id, f.type AS file_type, CAST(f.size AS bigint) * 8192 AS size_bytes, f.max_size AS max_pages, f.growth,
    CASE WHEN f.type = 0 THEN CAST(FILEPROPERTY(f.name, 'SpaceUsed') AS bigint) * 8192 END AS used_bytes,
    ${furtherColumn}
  FROM sys.database_files AS f`;

const logUsed = '(SELECT used_log_space_in_bytes FROM sys.dm_db_log_space_usage) AS log_used_bytes';

/**
 * The files of the database that the parameter @database names. A procedure of that database runs in it, and the server
 * quotes the name, so that no name is ever part of a statement of ours.
 */
export const listFilesOfDatabase = (withLog: boolean): string => `
  DECLARE @execute nvarchar(300) = QUOTENAME(@database) + N'.sys.sp_executesql';
  EXECUTE @execute N'${quoted(filesOfCurrentDatabase(withLog ? logUsed : 'NULL AS log_used_bytes'))}';`;

/** Azure SQL Database: the files of the database we are connected to, and how large its data may become. */
export const listFilesOfAzureDatabase = filesOfCurrentDatabase(
  "CAST(DATABASEPROPERTYEX(DB_NAME(), 'MaxSizeInBytes') AS bigint) AS max_bytes",
);

/** A statement of its own: in small service tiers only an administrator of the server may ask this. */
export const readAzureLogUsed = `SELECT used_log_space_in_bytes AS log_used_bytes FROM sys.dm_db_log_space_usage`;

/**
 * Azure SQL Database, connected to master: what the service wrote down of each database within the last 14 days. Asking the
 * databases themselves would wake the serverless ones, which costs money.
 */
export const listAzureDatabases = `
  SELECT d.name AS database_name,
    CAST(ROUND(s.allocated_storage_in_megabytes * 1048576, 0) AS bigint) AS allocated_bytes,
    CAST(ROUND(s.storage_in_megabytes * 1048576, 0) AS bigint) AS used_bytes
  FROM sys.databases AS d
  LEFT JOIN (
    SELECT database_name, allocated_storage_in_megabytes, storage_in_megabytes,
      ROW_NUMBER() OVER (PARTITION BY database_name ORDER BY end_time DESC) AS age
    FROM sys.resource_stats
  ) AS s ON s.database_name = d.name AND s.age = 1
  WHERE d.name <> 'master'
  ORDER BY d.name`;

function quoted(statement: string): string {
  return statement.replaceAll("'", "''");
}
