import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { Secret } from '../../exporter/src/config/secret.ts';
import type { Target } from '../../exporter/src/engines/engine.ts';
import { mysql as engine } from '../../exporter/src/engines/mysql.ts';
import type { ServerAddress } from './servers.ts';

export type MariadbAddress = Pick<ServerAddress, 'port' | 'password' | 'dataDirectory'>;

export async function withRoot<T>(
  { port, password }: Pick<MariadbAddress, 'port' | 'password'>,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await mysql.createConnection({
    host: '127.0.0.1',
    port,
    user: 'root',
    password,
    charset: 'utf8mb4',
  });
  try {
    return await work(connection);
  } finally {
    await connection.end();
  }
}

/** Runs statements as root, one after the other. */
export function asRoot(server: Omit<MariadbAddress, 'dataDirectory'>, ...statements: readonly string[]): Promise<void> {
  return withRoot(server, async (connection) => {
    for (const statement of statements) await connection.query(statement);
  });
}

export const quoted = (name: string): string => mysql.escapeId(name, true);

/** The server as an instance, as root unless told otherwise. */
export function mysqlTarget(
  { port, password: rootPassword }: Omit<MariadbAddress, 'dataDirectory'>,
  changes: Partial<Omit<Target, 'password'>> & { password?: string } = {},
): Target {
  const { password = rootPassword, ...others } = changes;
  return {
    host: '127.0.0.1',
    port,
    database: engine.defaultDatabase,
    username: 'root',
    tls: { mode: 'prefer' },
    ...others,
    password: new Secret(password),
  };
}

/** The bytes of a schema's files on disk, by the end of their names, such as `.ibd`. */
export async function fileBytesOf(
  server: MariadbAddress,
  schema: string,
  ...endings: readonly string[]
): Promise<number> {
  const folder = join(server.dataDirectory, await folderOf(server, schema));
  return readdirSync(folder)
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .reduce((sum, name) => sum + lstatSync(join(folder, name)).size, 0);
}

/** What the server calls the folder of a schema: all but letters and digits is written as "@0020". */
function folderOf(server: MariadbAddress, schema: string): Promise<string> {
  return withRoot(server, async (connection) => {
    // Index blocks of MyISAM and Aria are on disk only after this.
    await connection.query('FLUSH TABLES');
    const [rows] = await connection.query<(RowDataPacket & { folder: Buffer })[]>(
      'SELECT CAST(CONVERT(? USING filename) AS BINARY) AS folder',
      [schema],
    );
    return rows[0]?.folder.toString() ?? '';
  });
}
