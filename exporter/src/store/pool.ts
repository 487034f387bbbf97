import pg from 'pg';
import type { Deadlines } from '../config/deadlines.ts';
import type { Secret } from '../config/secret.ts';
import { codeOf, messageOf, TidemarkError } from '../errors.ts';

/** A pool or one of its connections. */
export type Queryable = Pick<pg.Pool, 'query'>;

const { INT8, DATE } = pg.types.builtins;

/** int8 as a number where that is exact, dates as they are written: no rounding, no time zone of this process. */
function parserOf(type: typeof INT8): (text: string) => unknown {
  if (type === INT8) return parseInt8;
  if (type === DATE) return (text) => text;
  return pg.types.getTypeParser(type, 'text') as (text: string) => unknown;
}

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new TidemarkError('size_out_of_range', `the repository holds ${text}, which no JSON number keeps exact`);
  }
  return value;
}

/** A pool of connections to the repository. Only settings that a pooler in transaction mode keeps are used. */
export function createPool(url: Secret, deadlines: Deadlines, options: { max?: number } = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url.reveal(),
    max: options.max ?? 10,
    connectionTimeoutMillis: deadlines.repositoryConnect,
    query_timeout: deadlines.repositoryStatement,
    application_name: repositoryClientName,
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
  });
  // A connection that is lost while idle is replaced by the next use; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}

/** Under which name our connections show up in the repository. */
export const repositoryClientName = 'tidemark-exporter';

/** Runs the work in one transaction; rolls back when it throws. */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // A connection that is lost while it is ours fails the statement; without a listener it would end the process as well.
  const ignore = (): void => undefined;
  client.on('error', ignore);
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: unknown) => {
      broken = new Error('the transaction could not be rolled back', { cause: rollbackError });
    });
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}

/**
 * Reads as of one moment, however many statements it takes: all of them see the same transactions.
 * @param work is given a connection that can only read
 */
export async function inSnapshot<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  return inTransaction(pool, async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    return work(client);
  });
}

/** Serialises what only one exporter may do at a time, until the end of the transaction. */
export async function lockInTransaction(client: pg.PoolClient | pg.Client, purpose: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`tidemark:${purpose}`]);
}

/** The same without waiting. @returns whether the lock was free */
export async function tryLockInTransaction(client: pg.PoolClient | pg.Client, purpose: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken',
    [`tidemark:${purpose}`],
  );
  return rows[0]?.taken === true;
}

/** For statements over the whole fleet: with the server's usual 4 MB its groups and sorts go through files. Until the end of the transaction. */
export async function allowSorting(client: pg.PoolClient): Promise<void> {
  await client.query("SET LOCAL work_mem = '64MB'");
}

/** Whether the repository could be read, and refused to be written to. */
export function isReadOnly(error: unknown): boolean {
  return codeOf(error) === '25006';
}

/**
 * What an outage looks like: errors of the system (ECONNREFUSED, ENETUNREACH, …) and of certificates, and SQLSTATEs of a server
 * that is starting or stopping (57P0x), lost (08), out of disk or connections (53100, 53300), or not the one that lets us in.
 */
const outageCodes = [
  /^(E[A-Z0-9]+|EAI_[A-Z]+)$/,
  /CERT|^UNABLE_TO_/,
  /^(57P0.|08...|53100|53300|28P01|28000|3D000|25006)$/,
];

/** Errors that mean "the repository is not there", as opposed to "it refused what we asked". */
export function isRepositoryOutage(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  if (outageCodes.some((pattern) => pattern.test(code))) return true;
  return /timeout exceeded|Connection terminated|not queryable/.test(messageOf(error)) || isStatementTimeout(error);
}

/** A statement got no answer in time: the repository is gone without a word, or the statement takes too long. */
function isStatementTimeout(error: unknown): boolean {
  return messageOf(error).includes('Query read timeout');
}

/** What is taken for an outage and may be the fault of the statement: it takes too long, or needs more disk than there is. */
export function mayAskTooMuch(error: unknown): boolean {
  return isStatementTimeout(error) || codeOf(error) === '53100';
}

/** Refused because of what others did at that moment: a deadlock, a conflict, a lock or a statement that was ended. */
export function isWorthRepeating(error: unknown): boolean {
  return /^(40001|40P01|55P03|57014)$/.test(codeOf(error) ?? '');
}
