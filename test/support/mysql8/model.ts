import type { Mysql8Options, ResultSet } from './server.ts';

/** A MySQL 8 as its own views show it: tables with what the statistics say, tablespaces with what the files are. */
export interface Mysql8Model {
  readonly schemas: readonly string[];
  readonly tables: readonly {
    readonly schema: string;
    readonly engine: string;
    readonly data: bigint;
    readonly index: bigint;
  }[];
  /** Names are those of the files; null: the PROCESS privilege is missing. */
  readonly tablespaces: readonly { readonly name: string; readonly bytes: bigint }[] | null;
  /** Null: the REPLICATION CLIENT privilege is missing. */
  readonly binaryLogs: readonly bigint[] | null;
  /** Whether the rights come by a role, which the views of privileges do not show. */
  readonly hasRole?: boolean;
  /** How file names are turned back into names of schemas. */
  readonly decoded?: Readonly<Record<string, string>>;
}

type Answer = ReturnType<Mysql8Options['answer']>;

const table = (columns: string[], rows: (string | null)[][]): ResultSet => ({ columns, rows });
const sum = (values: readonly bigint[]): string => String(values.reduce((total, value) => total + value, 0n));
const accessDenied = {
  code: 1227,
  message: 'Access denied; you need (at least one of) the privilege(s) for this operation',
};

/** The statements that may be asked, each as a whole: one that differs is unexpected. */
const statements: readonly (readonly [RegExp, (model: Mysql8Model) => Answer])[] = [
  [
    /^SELECT VERSION\(\) AS version, CURRENT_USER\(\) AS account$/,
    () => table(['version', 'account'], [['8.0.41', 'tidemark@%']]),
  ],
  [/^SET SESSION TRANSACTION READ ONLY$/, () => 'ok'],
  [/^SET SESSION information_schema_stats_expiry = 0$/, () => 'ok'],
  [/^SET SESSION lock_wait_timeout = \d+$/, () => 'ok'],
  [/^SET SESSION max_execution_time = \d+$/, () => 'ok'],
  [/^SET SESSION max_statement_time = [\d.]+$/, () => ({ code: 1193, message: 'Unknown system variable' })],
  [
    /^SELECT schema_name AS name, EXISTS \( SELECT 1 FROM information_schema\.user_privileges WHERE CONVERT\(grantee USING utf8mb4\) COLLATE utf8mb4_bin = CONVERT\(X'27746964656d61726b2740272527' USING utf8mb4\) AND privilege_type IN \('SHOW DATABASES', [^)]*\) \) AS shows_all FROM information_schema\.schemata$/,
    ({ schemas, hasRole = false }) =>
      table(
        ['name', 'shows_all'],
        ['information_schema', 'mysql', 'performance_schema', 'sys', ...schemas].map((name) => [
          name,
          hasRole ? '0' : '1',
        ]),
      ),
  ],
  [
    /^SELECT CONVERT\(table_schema USING utf8mb4\) COLLATE utf8mb4_bin AS name, SUM\(data_length\) AS data_bytes, .* FROM information_schema\.tables WHERE .* GROUP BY 1$/,
    logicalSizes,
  ],
  [
    /^SELECT table_name AS name FROM information_schema\.columns WHERE .* AND column_name = 'FILE_SIZE'$/,
    () => table(['name'], [['INNODB_TABLESPACES']]),
  ],
  [
    /^SELECT CONVERT\(CONVERT\(.* SUM\(file_size\) AS file_bytes FROM information_schema\.INNODB_TABLESPACES WHERE name LIKE '%\/%' GROUP BY 1$/,
    fileSizes,
  ],
  [
    /^SELECT name, file_size AS file_bytes FROM information_schema\.INNODB_TABLESPACES WHERE name NOT LIKE '%\/%'$/,
    ({ tablespaces }) =>
      table(
        ['name', 'file_bytes'],
        (tablespaces ?? []).filter(({ name }) => !name.includes('/')).map(({ name, bytes }) => [name, String(bytes)]),
      ),
  ],
  [
    /^SHOW BINARY LOGS$/,
    ({ binaryLogs }) =>
      binaryLogs === null
        ? accessDenied
        : table(
            ['Log_name', 'File_size', 'Encrypted'],
            binaryLogs.map((bytes, index) => [`binlog.${index}`, String(bytes), 'No']),
          ),
  ],
  [
    /^SHOW GRANTS$/,
    () =>
      table(
        ['Grants for tidemark@%'],
        [
          ['GRANT SELECT, PROCESS, SHOW DATABASES ON *.* TO `tidemark`@`%`'],
          ['GRANT SELECT ON `mysql`.* TO `tidemark`@`%`'],
          ['GRANT `monitoring`@`%` TO `tidemark`@`%`'],
        ],
      ),
  ],
  [/^SHOW CREATE DATABASE `[^`]+`$/, () => table(['Database', 'Create Database'], [])],
];

/** What a server with this content answers. */
export function answersOf(model: Mysql8Model): Mysql8Options['answer'] {
  return (sql) => statements.find(([pattern]) => pattern.test(sql))?.[1](model);
}

function logicalSizes({ tables }: Mysql8Model): Answer {
  const columns = ['name', 'data_bytes', 'index_bytes', 'innodb_bytes', 'other_bytes'];
  const names = [...new Set(tables.map((row) => row.schema))];
  return table(
    columns,
    names.map((name) => {
      const own = tables.filter((row) => row.schema === name);
      const total = (rows: typeof own): string => sum(rows.map((row) => row.data + row.index));
      return [
        name,
        sum(own.map((row) => row.data)),
        sum(own.map((row) => row.index)),
        total(own.filter((row) => row.engine === 'InnoDB')),
        total(own.filter((row) => row.engine !== 'InnoDB')),
      ];
    }),
  );
}

function fileSizes({ tablespaces, decoded = {} }: Mysql8Model): Answer {
  if (tablespaces === null) return accessDenied;
  const bySchema = new Map<string, bigint>();
  for (const { name, bytes } of tablespaces.filter((row) => row.name.includes('/'))) {
    const file = name.split('/')[0] ?? '';
    const schema = decoded[file] ?? file;
    bySchema.set(schema, (bySchema.get(schema) ?? 0n) + bytes);
  }
  return table(
    ['name', 'file_bytes'],
    [...bySchema].map(([name, bytes]) => [name, String(bytes)]),
  );
}
