import type { Answer, Handler } from './tns/answers.ts';
import { OracleError, tableNotVisible } from './tns/oracle-error.ts';
import type { ColumnType, Value } from './tns/values.ts';

/** A file of a tablespace. */
interface ModelFile {
  /** What the dictionary says; null while it is offline. */
  readonly bytes: bigint | null;
  /** 0 unless told: it does not extend itself. */
  readonly maxBytes?: bigint;
  readonly name?: string;
  /** What the header of an offline file says, if it can be read. */
  readonly headerBytes?: bigint;
}

export interface ModelTablespace {
  readonly name: string;
  readonly files: readonly ModelFile[];
  readonly contents?: 'PERMANENT' | 'UNDO' | 'TEMPORARY';
  /** 8192 unless told. */
  readonly blockSize?: bigint;
  /** Blocks; left out while offline. */
  readonly usedBlocks?: bigint;
  /** Of a temporary tablespace. */
  readonly freeBytes?: bigint;
}

export interface ModelContainer {
  readonly id: number;
  readonly name: string;
  readonly tablespaces: readonly ModelTablespace[];
  /** READ WRITE unless told. */
  readonly openMode?: string;
  /** NORMAL unless told. */
  readonly status?: string;
  /** Left out by the container data of the user. */
  readonly hidden?: boolean;
  /** Its files are left out, although it is shown itself. */
  readonly filesHidden?: boolean;
}

export interface ModelDiskGroup {
  readonly name: string;
  readonly type: string;
  readonly total: bigint;
  readonly free: bigint;
  readonly reserved: bigint;
  readonly usable: bigint;
}

/** An Oracle server as its dictionary tells it. */
export interface OracleModel {
  /** One without containers has the id 0. */
  readonly containers: readonly ModelContainer[];
  /** The container that is logged in to. */
  readonly home: number;
  readonly redo: readonly { readonly bytes: bigint; readonly members: bigint }[];
  readonly diskGroups?: readonly ModelDiskGroup[];
  /** As the server stores it. */
  readonly username: string;
  /** Views that the user may not read. */
  readonly denied?: readonly string[];
}

type Columns = Readonly<Record<string, ColumnType>>;

/** Columns of the views as Oracle's Database Reference (19c) lists them, as far as anybody would ask for them here. */
const views: Readonly<Record<string, Columns>> = {
  v$containers: { con_id: 'NUMBER', dbid: 'NUMBER', name: 'VARCHAR2', open_mode: 'VARCHAR2', restricted: 'VARCHAR2' },
  dba_pdbs: { pdb_id: 'NUMBER', pdb_name: 'VARCHAR2', dbid: 'NUMBER', status: 'VARCHAR2' },
  data_files: {
    file_name: 'VARCHAR2',
    file_id: 'NUMBER',
    tablespace_name: 'VARCHAR2',
    bytes: 'NUMBER',
    autoextensible: 'VARCHAR2',
    maxbytes: 'NUMBER',
    online_status: 'VARCHAR2',
  },
  temp_files: {
    file_name: 'VARCHAR2',
    file_id: 'NUMBER',
    tablespace_name: 'VARCHAR2',
    bytes: 'NUMBER',
    autoextensible: 'VARCHAR2',
    maxbytes: 'NUMBER',
  },
  tablespaces: { tablespace_name: 'VARCHAR2', block_size: 'NUMBER', contents: 'VARCHAR2', status: 'VARCHAR2' },
  tablespace_usage_metrics: {
    tablespace_name: 'VARCHAR2',
    used_space: 'NUMBER',
    tablespace_size: 'NUMBER',
    used_percent: 'NUMBER',
  },
  temp_free_space: {
    tablespace_name: 'VARCHAR2',
    tablespace_size: 'NUMBER',
    allocated_space: 'NUMBER',
    free_space: 'NUMBER',
  },
  v$datafile: { 'file#': 'NUMBER', bytes: 'NUMBER', con_id: 'NUMBER' },
  v$tempfile: { 'file#': 'NUMBER', bytes: 'NUMBER', con_id: 'NUMBER' },
  v$log: { 'group#': 'NUMBER', 'thread#': 'NUMBER', bytes: 'NUMBER', members: 'NUMBER', con_id: 'NUMBER' },
  v$asm_diskgroup_stat: {
    name: 'VARCHAR2',
    type: 'VARCHAR2',
    total_mb: 'NUMBER',
    free_mb: 'NUMBER',
    required_mirror_free_mb: 'NUMBER',
    usable_file_mb: 'NUMBER',
  },
};

/**
 * Answers what is asked of a server: read-only transactions, SYS_CONTEXT, and plain lists of columns of one view. Everything
 * else is left unanswered, which makes it unexpected. A column that the view does not have is ORA-00904.
 */
export function handlersOf(model: OracleModel): Handler[] {
  const home = model.containers.find((container) => container.id === model.home);
  const context: Record<string, string> = {
    CON_ID: String(model.home),
    CON_NAME: home?.name ?? '',
    SESSION_USER: model.username,
  };
  return [
    { match: 'SET TRANSACTION READ ONLY', answer: {} },
    {
      match: /^SELECT (SYS_CONTEXT\('USERENV', '\w+'\) AS "\w+",? ?)+ FROM dual$|^SELECT SYS_CONTEXT.* FROM dual$/,
      answer: ({ sql }) => contextAnswer(sql, context),
    },
    {
      match: /^SELECT ([\w#]+ AS "\w+"(, )?)+ FROM [\w$]+$/,
      answer: ({ sql }) => viewAnswer(sql, model),
    },
  ];
}

function contextAnswer(sql: string, context: Readonly<Record<string, string>>): Answer {
  const asked = [...sql.matchAll(/SYS_CONTEXT\('USERENV', '(\w+)'\) AS "(\w+)"/g)];
  const unknown = asked.find(([, parameter = '']) => !(parameter in context));
  if (unknown !== undefined) return new OracleError(2003, 'invalid USERENV parameter');
  return {
    columns: asked.map(([, , alias = '']) => ({ name: alias, type: 'VARCHAR2' })),
    rows: [asked.map(([, parameter = '']) => context[parameter] ?? null)],
  };
}

function viewAnswer(sql: string, model: OracleModel): Answer {
  const view = /FROM ([\w$]+)$/.exec(sql)?.[1] ?? '';
  const base = view.replace(/^(cdb|dba)_(?!pdbs)/, '');
  const own = views[base];
  if (own === undefined || model.denied?.includes(view) === true) return tableNotVisible();
  const columns: Columns = view.startsWith('cdb_') ? { ...own, con_id: 'NUMBER' } : own;
  const asked = [...sql.matchAll(/([\w#]+) AS "(\w+)"/g)].map(([, column = '', alias = '']) => ({ column, alias }));
  const unknown = asked.find(({ column }) => !(column in columns));
  if (unknown !== undefined) return new OracleError(904, `"${unknown.column.toUpperCase()}": invalid identifier`);
  return {
    columns: asked.map(({ column, alias }) => ({ name: alias, type: columns[column] ?? 'VARCHAR2' })),
    rows: rowsOf(base, view.startsWith('cdb_'), model).map((row) => asked.map(({ column }) => row[column] ?? null)),
  };
}

type ViewRow = Readonly<Record<string, Value>>;

function rowsOf(view: string, everywhere: boolean, model: OracleModel): ViewRow[] {
  const visible = model.containers.filter((container) => container.hidden !== true);
  const open = visible.filter(({ openMode, filesHidden }) => openMode !== 'MOUNTED' && filesHidden !== true);
  const told = everywhere ? open : model.containers.filter((container) => container.id === model.home);
  const each = (rows: (tablespace: ModelTablespace, container: ModelContainer) => ViewRow[]): ViewRow[] =>
    told.flatMap((container) =>
      container.tablespaces.flatMap((tablespace) =>
        rows(tablespace, container).map((row) => ({
          ...row,
          con_id: container.id,
          tablespace_name: tablespace.name,
        })),
      ),
    );
  switch (view) {
    case 'v$containers':
      return visible.map(({ id, name, openMode = 'READ WRITE' }) => ({ con_id: id, name, open_mode: openMode }));
    case 'dba_pdbs':
      return model.containers
        .filter(({ id }) => id > 1)
        .map(({ id, name, status = 'NORMAL' }) => ({ pdb_id: id, pdb_name: name, status }));
    case 'data_files':
      return each((tablespace) => (isTemporary(tablespace) ? [] : tablespace.files.map(fileRow)));
    case 'temp_files':
      return each((tablespace) => (isTemporary(tablespace) ? tablespace.files.map(fileRow) : []));
    case 'tablespaces':
      return each(({ blockSize = 8192n, contents = 'PERMANENT' }) => [{ block_size: blockSize, contents }]);
    case 'tablespace_usage_metrics':
      // A tablespace size that is not that of the files, as the versions have it, and temporary tablespaces among them.
      return each(({ usedBlocks }) =>
        usedBlocks === undefined ? [] : [{ used_space: usedBlocks, tablespace_size: 4_194_302n, used_percent: 195 }],
      );
    case 'temp_free_space':
      return each((tablespace) =>
        isTemporary(tablespace)
          ? [{ tablespace_size: fileBytes(tablespace), free_space: tablespace.freeBytes ?? null }]
          : [],
      );
    case 'v$datafile':
    case 'v$tempfile':
      return model.containers.flatMap(({ tablespaces }) =>
        tablespaces
          .filter((tablespace) => isTemporary(tablespace) === (view === 'v$tempfile'))
          .flatMap(({ files }) =>
            files.map((file) => ({ 'file#': idOf(file), bytes: file.headerBytes ?? file.bytes ?? 0n })),
          ),
      );
    case 'v$log':
      return model.redo.map(({ bytes, members }, index) => ({ 'group#': index + 1, bytes, members }));
    case 'v$asm_diskgroup_stat':
      return (model.diskGroups ?? []).map((group) => ({
        name: group.name,
        type: group.type,
        total_mb: group.total,
        free_mb: group.free,
        required_mirror_free_mb: group.reserved,
        usable_file_mb: group.usable,
      }));
    default:
      throw new Error(`the model has no view ${view}`);
  }
}

function fileRow(file: ModelFile): ViewRow {
  const id = idOf(file);
  return {
    file_id: id,
    file_name: file.name ?? `/u02/oradata/file${id}.dbf`,
    bytes: file.bytes,
    maxbytes: file.bytes === null ? null : (file.maxBytes ?? 0n),
    autoextensible: file.bytes === null ? null : file.maxBytes === undefined ? 'NO' : 'YES',
  };
}

const ids = new WeakMap<ModelFile, number>();
let lastId = 0;

/** File numbers are unique in a whole CDB. */
function idOf(file: ModelFile): number {
  const id = ids.get(file) ?? (lastId += 1);
  ids.set(file, id);
  return id;
}

export function isTemporary(tablespace: ModelTablespace): boolean {
  return tablespace.contents === 'TEMPORARY';
}

/** The bytes of the files of a tablespace, those in the header where the dictionary has none. */
export function fileBytes({ files }: ModelTablespace): bigint {
  return files.reduce((total, file) => total + (file.bytes ?? file.headerBytes ?? 0n), 0n);
}
