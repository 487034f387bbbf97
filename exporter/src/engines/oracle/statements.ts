/** Everything that is asked of an Oracle server. */

/** A query, with the views that the login has to be allowed to read. */
export interface Statement {
  readonly sql: string;
  readonly views: readonly string[];
  /** What it tells, for messages: "the data files". */
  readonly subject: string;
}

/** Statistics and views then agree with each other, and nothing can be changed by mistake. */
export const readOnly = 'SET TRANSACTION READ ONLY';

/** Needs no privilege. CON_ID is 0 without containers, 1 in the root of a CDB. */
export const whereAmI = `
  SELECT SYS_CONTEXT('USERENV', 'CON_ID') AS "con_id",
    SYS_CONTEXT('USERENV', 'CON_NAME') AS "name",
    SYS_CONTEXT('USERENV', 'SESSION_USER') AS "username"
  FROM dual`;

/** The same before 12.1, where there are no containers. */
export const whereAmIBefore12 = `
  SELECT '0' AS "con_id",
    SYS_CONTEXT('USERENV', 'DB_NAME') AS "name",
    SYS_CONTEXT('USERENV', 'SESSION_USER') AS "username"
  FROM dual`;

/** Only in thick mode, where the client libraries decide: "tcp" or "tcps". */
export const networkProtocol = `SELECT SYS_CONTEXT('USERENV', 'NETWORK_PROTOCOL') AS "protocol" FROM dual`;

/** Containers and whether they are open. Shows a common user only what its CONTAINER_DATA allows. */
export const listContainers: Statement = {
  sql: `
  SELECT con_id AS "con_id",
    name AS "name",
    open_mode AS "open_mode"
  FROM v$containers`,
  views: ['v$containers'],
  subject: 'the containers',
};

/** All PDBs there are, whatever CONTAINER_DATA allows. */
export const listPluggableDatabases: Statement = {
  sql: `
  SELECT pdb_id AS "con_id",
    pdb_name AS "name",
    status AS "status"
  FROM dba_pdbs`,
  views: ['dba_pdbs'],
  subject: 'the pluggable databases',
};

/** The views of all containers that are open (asked in the root), or those of the own one. */
export type Reach = 'cdb' | 'dba';

const container = (reach: Reach): string => (reach === 'cdb' ? 'con_id AS "con_id",\n    ' : '');

/** Bytes are null where the file is offline or cannot be read. */
export const listFiles = (reach: Reach, kind: 'data' | 'temp'): Statement => ({
  sql: `
  SELECT ${container(reach)}tablespace_name AS "tablespace",
    file_id AS "file_id",
    file_name AS "file_name",
    bytes AS "bytes",
    maxbytes AS "max_bytes",
    autoextensible AS "autoextensible"
  FROM ${reach}_${kind}_files`,
  views: [`${reach}_${kind}_files`],
  subject: kind === 'data' ? 'the data files' : 'the temporary files',
});

/** What the control file and the file headers say, also of tablespaces that are offline; 0 where there is no file. */
export const controlFileSizes = (kind: 'data' | 'temp'): Statement => ({
  sql: `
  SELECT file# AS "file_id",
    bytes AS "bytes"
  FROM v$${kind}file`,
  views: [`v$${kind}file`],
  subject: 'the files that are offline',
});

/** One row a group, those of every instance of a cluster among them; each member is a file of that size. */
export const listRedoLogs: Statement = {
  sql: `
  SELECT group# AS "group",
    bytes AS "bytes",
    members AS "members"
  FROM v$log`,
  views: ['v$log'],
  subject: 'the redo logs',
};

export const listTablespaces = (reach: Reach): Statement => ({
  sql: `
  SELECT ${container(reach)}tablespace_name AS "tablespace",
    contents AS "contents",
    block_size AS "block_size"
  FROM ${reach}_tablespaces`,
  views: [`${reach}_tablespaces`],
  subject: 'the tablespaces',
});

/** In blocks of the tablespace. Its TABLESPACE_SIZE is not asked for: it means another thing in 12.1, 18c and 19c. */
export const usedSpace = (reach: Reach): Statement => ({
  sql: `
  SELECT ${container(reach)}tablespace_name AS "tablespace",
    used_space AS "used_blocks"
  FROM ${reach}_tablespace_usage_metrics`,
  views: [`${reach}_tablespace_usage_metrics`],
  subject: 'the used space',
});

/** In bytes. Space that was used once and can be reused counts as free. */
export const temporarySpace = (reach: Reach): Statement => ({
  sql: `
  SELECT ${container(reach)}tablespace_name AS "tablespace",
    tablespace_size AS "size_bytes",
    free_space AS "free_bytes"
  FROM ${reach}_temp_free_space`,
  views: [`${reach}_temp_free_space`],
  subject: 'the used temporary space',
});

/** Not V$ASM_DISKGROUP, which looks for new disks and writes a trace file each time. USABLE_FILE_MB honours redundancy. */
export const listDiskGroups: Statement = {
  sql: `
  SELECT name AS "name",
    type AS "redundancy",
    total_mb AS "total_mb",
    free_mb AS "free_mb",
    required_mirror_free_mb AS "reserved_mb",
    usable_file_mb AS "usable_mb"
  FROM v$asm_diskgroup_stat`,
  views: ['v$asm_diskgroup_stat'],
  subject: 'the ASM disk groups',
};
