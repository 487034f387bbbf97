import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import type pg from 'pg';
import { createApp, type AppContext } from '../../exporter/src/api/app.ts';
import type { Secret } from '../../exporter/src/config/secret.ts';
import { TidemarkError } from '../../exporter/src/errors.ts';
import { createLogger } from '../../exporter/src/log.ts';
import { createMetrics } from '../../exporter/src/metrics/metrics.ts';
import { addToken, newToken } from '../../exporter/src/store/tokens.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** @throws when the answer is not JSON */
  json(): unknown;
}

/** Beside the path: GET, the token of an admin, and no body, where nothing else is said. */
interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Null: none. */
  readonly token?: Secret | null;
  /** Sent as JSON; a text as it is. */
  readonly body?: unknown;
}

/** The exporter's HTTP side on a free port, and what it logged. */
export interface HttpApi {
  /** Sends the path as it is, valid or not. */
  get(path: string, options?: RequestOptions): Promise<Answer>;
  /** Cuts the connection after the first bytes of the answer. */
  getAndLeave(path: string): Promise<void>;
  /** A token that may do everything. */
  readonly admin: Secret;
  log(): string;
  close(): Promise<void>;
}

/** Answers are compared with what their routes declare. */
export async function startHttpApi(
  pool: pg.Pool,
  timezone = 'UTC',
  changes: Partial<AppContext> = {},
): Promise<HttpApi> {
  const lines: string[] = [];
  const stream = new PassThrough().on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  const log = createLogger('info', stream as unknown as NodeJS.WriteStream);
  const server = createServer(
    createApp({
      ...{ pool, metrics: createMetrics(pool), timezone, log },
      ...{ testConnection: unreachable, startCollection: unreachable, outage: () => null, withApi: true },
      checkAnswers: true,
      ...changes,
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const admin = newToken();
  // A repository without tables takes none: its tests are about that.
  await addToken(pool, admin, { name: `tests ${admin.reveal().slice(-8)}`, ...everything }, 'tests').catch(() => null);
  return {
    get: (path, options = {}) => send(server, path, { token: admin, ...options }),
    admin,
    getAndLeave: async (path) => {
      const { port } = server.address() as AddressInfo;
      const headers = { authorization: `Bearer ${admin.reveal()}` };
      const outgoing = request({ host: '127.0.0.1', port, path, headers, agent: false });
      const [response] = (await once(outgoing.end(), 'response')) as [IncomingMessage];
      await once(response, 'readable');
      response.destroy();
    },
    log: () => lines.join(''),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const everything = { role: 'admin', owner: null, expiresAt: null } as const;

const unreachable = () => Promise.reject(new TidemarkError('connection_refused', 'nothing is reached from here'));

async function send(server: Server, path: string, options: RequestOptions): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  const { method = 'GET', token, body: content } = options;
  const headers = {
    ...(token == null ? {} : { authorization: `Bearer ${token.reveal()}` }),
    ...(content === undefined ? {} : { 'content-type': 'application/json' }),
    ...options.headers,
  };
  // Without an agent no connection is kept.
  const outgoing = request({ method, headers, host: '127.0.0.1', port, path, agent: false });
  outgoing.end(content === undefined || typeof content === 'string' ? content : JSON.stringify(content));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const text = body.toString('utf8');
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body,
    text,
    json: () => JSON.parse(text) as unknown,
  };
}
