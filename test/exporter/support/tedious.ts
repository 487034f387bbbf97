/**
 * The real driver, made awaitable and no cleverer than that: the tests are to see what it does by itself.
 */
import { once } from 'node:events';
import type { ConnectionConfiguration } from 'tedious';
import { Connection, Request } from 'tedious';

type DriverOptions = NonNullable<ConnectionConfiguration['options']>;
type DataType = Parameters<Request['addParameter']>[1];

export interface ClientOptions extends DriverOptions {
  port: number;
  user?: string;
  password?: string;
}

/** A connection and everything it has said since it was made. */
export interface Client {
  connection: Connection;
  /** Settled by the driver's first 'connect' event. */
  connected: Promise<void>;
  /** Numbers of the server's error messages, in order. */
  errorNumbers: number[];
  /** Everything that the driver emitted as 'error' (unhandled, it ends the process), and every late 'connect'. */
  errors: Error[];
}

export interface QueryResult {
  rows: unknown[][];
  columns: string[];
  error?: Error & { code?: string; number?: number };
}

export const USER = 'tidemark';
export const PASSWORD = 'correct horse';

/** Begins to connect; refused or not, `connected` tells. */
export function open({ port, user = USER, password = PASSWORD, ...options }: ClientOptions): Client {
  const connection = new Connection({
    server: '127.0.0.1',
    authentication: { type: 'default', options: { userName: user, password } },
    options: { port, encrypt: false, connectTimeout: 5_000, requestTimeout: 5_000, ...options },
  });
  const errorNumbers: number[] = [];
  const errors: Error[] = [];
  connection.on('errorMessage', ({ number }: { number: number }) => errorNumbers.push(number));
  connection.on('error', (error: Error) => errors.push(error));
  const connected = new Promise<void>((resolve, reject) => {
    connection.on('connect', (error?: Error) => {
      if (error) errors.push(error);
      if (error) reject(error);
      else resolve();
    });
  });
  // Whoever does not wait for the outcome finds it in `errors`.
  connected.catch(() => undefined);
  connection.connect();
  return { connection, connected, errorNumbers, errors };
}

/** Connects, or throws what the driver gives as the reason. */
export async function connect(options: ClientOptions): Promise<Client> {
  const client = open(options);
  await client.connected;
  return client;
}

/**
 * Runs one statement; an error comes back beside the rows that came before it.
 * @param rows where the rows go as they arrive, for who cannot wait for the end
 */
export function query(
  { connection }: Client,
  sql: string,
  parameters: readonly [name: string, type: DataType, value: unknown][] = [],
  rows: unknown[][] = [],
): Promise<QueryResult> {
  return new Promise((resolve) => {
    let columns: string[] = [];
    const request = new Request(sql, (error) => resolve({ rows, columns, ...(error && { error }) }));
    request.on('columnMetadata', (metadata) => {
      columns = (metadata as { colName: string }[]).map(({ colName }) => colName);
    });
    request.on('row', (cells: { value: unknown }[]) => rows.push(cells.map(({ value }) => value)));
    for (const [name, type, value] of parameters) request.addParameter(name, type, value);
    if (parameters.length > 0) connection.execSql(request);
    else connection.execSqlBatch(request);
  });
}

/** Closes the connection and waits until the driver has said that it is over. */
export async function close({ connection }: Client): Promise<void> {
  const ended = once(connection, 'end');
  connection.close();
  await ended;
}
