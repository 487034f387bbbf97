import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import type pg from 'pg';
import { createApp, type AppContext } from '../../exporter/src/api/app.ts';
import { loadConfig } from '../../exporter/src/config/config.ts';
import type { HttpSettings } from '../../exporter/src/config/http.ts';
import { Secret } from '../../exporter/src/config/secret.ts';
import { TidemarkError } from '../../exporter/src/errors.ts';
import { createVault } from '../../exporter/src/fleet/vault.ts';
import { LiveSettings } from '../../exporter/src/live-settings.ts';
import { createLogger } from '../../exporter/src/log.ts';
import { createMetrics } from '../../exporter/src/metrics/metrics.ts';
import type { Role } from '../../exporter/src/store/audit.ts';
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
  /** What a path of version 1 holds. @throws when the answer is not 200 */
  read<T = unknown>(path: string, token?: Secret): Promise<T>;
  /** Cuts the connection after the first bytes of the answer. */
  getAndLeave(path: string): Promise<void>;
  /** A token that may do everything. */
  readonly admin: Secret;
  readonly url: string;
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
      ...{
        vault: testVault,
        settings: new LiveSettings(pool, loadConfig({}), noOutage, log),
        testConnection: unreachable,
        startCollection: unreachable,
        outage: () => null,
        withApi: true,
      },
      checkAnswers: true,
      http: openHttp,
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
    read: async <T>(path: string, token = admin) => {
      const answer = await send(server, `/api/v1${path}`, { token });
      if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.text}`);
      return (answer.json() as { data: T }).data;
    },
    admin,
    getAndLeave: async (path) => {
      const { port } = server.address() as AddressInfo;
      const headers = { authorization: `Bearer ${admin.reveal()}` };
      const outgoing = request({ host: '127.0.0.1', port, path, headers, agent: false });
      const [response] = (await once(outgoing.end(), 'response')) as [IncomingMessage];
      await once(response, 'readable');
      response.destroy();
    },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    log: () => lines.join(''),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** With a key of its own. */
const key = new Secret(randomBytes(32).toString('base64'));
export const testVault = createVault({ encryptionKeys: { description: 'tests', read: () => key } }, null);

/** No limit of requests, no TLS, nothing that guards /metrics. */
export const openHttp: HttpSettings = {
  ...{ tls: null, corsOrigins: [], requestsPerMinute: 0, exports: 4 },
  metricsAccess: { token: null, basic: null },
};

const noOutage = { saw: () => false, whenAvailable: () => Promise.resolve() };

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

/** A token that sees the instances of an owner. */
export async function ownerToken(pool: pg.Pool, owner: string): Promise<Secret> {
  return roleToken(pool, 'owner', owner);
}

/** A token of a role. */
export async function roleToken(pool: pg.Pool, role: Role, owner: string | null = null): Promise<Secret> {
  const token = newToken();
  await addToken(pool, token, { name: `tests ${token.reveal().slice(-8)}`, role, owner, expiresAt: null }, 'tests');
  return token;
}
