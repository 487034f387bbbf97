import oracledb, { type Connection, type ConnectionAttributes, type ExecuteOptions } from 'oracledb';
import type { TnsServer } from '../../support/tns/server.ts';

/** The one user of these tests. */
export const credentials = { user: 'monitor', password: 'Pass wörd 1' };

/** Logs on to a test server with the real driver in thin mode. */
export async function logOn(server: TnsServer, attributes: ConnectionAttributes = {}): Promise<Connection> {
  return await oracledb.getConnection({ ...credentials, connectString: server.connectString, ...attributes });
}

/** Rows as objects, NUMBER as text: only so do numbers beyond 2^53 survive. */
const exact: ExecuteOptions = {
  outFormat: oracledb.OUT_FORMAT_OBJECT,
  fetchTypeHandler: (metaData) => (metaData.dbType === oracledb.DB_TYPE_NUMBER ? { type: oracledb.STRING } : undefined),
};

/** The rows of a query. */
export async function rowsOf(
  connection: Connection,
  sql: string,
  binds: Record<string, string | number | null> = {},
  options: ExecuteOptions = {},
): Promise<Record<string, unknown>[]> {
  const result = await connection.execute<Record<string, unknown>>(sql, binds, { ...exact, ...options });
  return result.rows ?? [];
}

/** The code of the error that a promise is rejected with ('NJS-123', 'ORA-00942', …); fails when it is fulfilled. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
  throw new Error('an error was expected');
}

/** What became of a promise by a deadline in milliseconds: 'settled' or 'pending'. It may be settled later. */
export async function stateAfter(promise: Promise<unknown>, milliseconds: number): Promise<'settled' | 'pending'> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<'pending'>((resolve) => {
    timer = setTimeout(() => {
      resolve('pending');
    }, milliseconds);
  });
  const settled = promise.then(
    () => 'settled' as const,
    () => 'settled' as const,
  );
  return await Promise.race([settled, deadline]).finally(() => {
    clearTimeout(timer);
  });
}

/** Waits until something has become true, at most five seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`still not true: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
