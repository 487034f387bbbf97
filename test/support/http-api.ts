import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import type pg from 'pg';
import { createApp } from '../../exporter/src/api/app.ts';
import { TidemarkError } from '../../exporter/src/errors.ts';
import { createLogger } from '../../exporter/src/log.ts';
import { createMetrics } from '../../exporter/src/metrics/metrics.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** @throws when the answer is not JSON */
  json(): unknown;
}

/** Beside the path: GET, and no headers, where nothing else is said. */
type RequestOptions = Readonly<{ method?: string; headers?: Readonly<Record<string, string>> }>;

/** The exporter's HTTP side on a free port, and what it logged. */
export interface HttpApi {
  /** Sends the path as it is, valid or not. */
  get(path: string, options?: RequestOptions): Promise<Answer>;
  /** Cuts the connection after the first bytes of the answer. */
  getAndLeave(path: string): Promise<void>;
  log(): string;
  close(): Promise<void>;
}

export async function startHttpApi(pool: pg.Pool, timezone = 'UTC'): Promise<HttpApi> {
  const lines: string[] = [];
  const stream = new PassThrough().on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  const log = createLogger('info', stream as unknown as NodeJS.WriteStream);
  const server = createServer(
    createApp({
      ...{ pool, metrics: createMetrics(pool), timezone, log },
      ...{ testConnection: unreachable, startCollection: unreachable, outage: () => null, withApi: true },
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    get: (path, options = {}) => send(server, path, options),
    getAndLeave: async (path) => {
      const outgoing = request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, path, agent: false });
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

const unreachable = () => Promise.reject(new TidemarkError('connection_refused', 'nothing is reached from here'));

async function send(server: Server, path: string, options: RequestOptions): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  // Without an agent no connection is kept.
  const outgoing = request({ ...options, host: '127.0.0.1', port, path, agent: false }).end();
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
