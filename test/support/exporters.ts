import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Secret } from '../../exporter/src/config/secret.ts';
import { configurationOf, type InstanceEntry } from './collection-fixtures.ts';
import { postgresqlTarget } from './postgresql-fixtures.ts';
import { adminToken, startServing, type ServingProcess } from './processes.ts';
import { createTemporaryFolder, type TemporaryFolder } from './temporary-folder.ts';

/** The exporters of one repository, as processes of their own, all with the same configuration file. */
export class Exporters {
  readonly #repository: Secret;
  readonly #folder: TemporaryFolder = createTemporaryFolder();
  readonly #environment: Readonly<Record<string, string>>;
  readonly #running = new Set<ServingProcess>();

  constructor(repository: Secret, instances: readonly InstanceEntry[], environment: Record<string, string> = {}) {
    this.#repository = repository;
    this.#folder.write('tidemark.yaml', configurationOf(instances));
    this.#environment = {
      // Nothing runs but what the test asks for, and a dead exporter is missed soon.
      ...{ COLLECT_DB_SIZE_ENABLED: 'false', AGGREGATION_ENABLED: 'false' },
      ...{ TIDEMARK_LEASE_SECONDS: '2', TIDEMARK_HOST_CONNECTIONS: '1000' },
      ...{ TIDEMARK_LOAD_PERCENT: '100', TIDEMARK_ALLOW_LOCAL_TARGETS: 'true', ...environment },
    };
  }

  /** Starts one and waits until it is ready. */
  async start(changes: Record<string, string> = {}): Promise<ServingProcess> {
    const environment = { ...this.#environment, DATABASE_URL: this.#repository.reveal(), ...changes };
    const serving = await startServing({ environment, directory: this.#folder.path });
    this.#running.add(serving);
    void serving.ended.then(() => this.#running.delete(serving));
    return serving;
  }

  /** Kills what still runs. */
  async close(): Promise<void> {
    const running = [...this.#running];
    for (const serving of running) serving.kill('SIGKILL');
    await Promise.all(running.map((serving) => serving.ended));
    this.#folder.remove();
  }

  get folder(): string {
    return this.#folder.path;
  }
}

/** So many instances, all of them the test server, each with these databases. */
export function instancesOfTestServer(
  count: number,
  include: readonly string[] = ['postgres'],
  changes: Record<string, unknown> = {},
): InstanceEntry[] {
  return Array.from({ length: count }, (_, index) =>
    instanceOfTestServer(`instance-${String(index).padStart(4, '0')}`, { include, ...changes }),
  );
}

/** The test server, of which one database is measured. */
export function instanceOfTestServer(name: string, changes: Record<string, unknown> = {}): InstanceEntry {
  const { host, port, username, password } = postgresqlTarget();
  return {
    ...{ name, engine: 'postgresql', host, port, username, password: password?.reveal() },
    ...{ include: ['postgres'], tls: { mode: 'disable' }, ...changes },
  };
}

/** Asks an exporter; what it answers with, whatever the status. */
export async function ask(
  exporter: { readonly url: string },
  path: string,
  options: { readonly method?: string; readonly body?: object } = {},
): Promise<{ status: number; body: Answer }> {
  const response = await fetch(`${exporter.url}${path}`, {
    method: options.method ?? 'GET',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json', connection: 'close' },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text.startsWith('{') ? JSON.parse(text) : { text }) as Answer };
}

/** The parts of answers that tests look at. */
export interface Answer {
  readonly data?: SessionAnswer & readonly SessionAnswer[];
  readonly error?: { readonly code: string; readonly message: string };
  readonly reason?: string;
  readonly text?: string;
}

export interface SessionAnswer {
  readonly id: number;
  readonly status: string;
  readonly joined: boolean;
  readonly instances: Readonly<Record<string, number>>;
  readonly requested_by: string | null;
}

/** Starts a run, or joins one. @returns its id */
export async function startRunOn(exporter: { readonly url: string }, scope: object = {}): Promise<number> {
  const { status, body } = await ask(exporter, '/api/v1/collections', { method: 'POST', body: scope });
  if (status !== 202 || body.data === undefined) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body.data.id;
}

/** Waits for the end of a session. @throws Error with its state when it takes longer */
export async function sessionEnded(
  exporter: { readonly url: string },
  id: number,
  patienceMilliseconds: number,
): Promise<SessionAnswer> {
  const end = Date.now() + patienceMilliseconds;
  for (;;) {
    const { body } = await ask(exporter, `/api/v1/collections/${id}`);
    if (body.data !== undefined && body.data.status !== 'running') return body.data;
    if (Date.now() > end) throw new Error(`not ended within ${patienceMilliseconds / 1000} s: ${JSON.stringify(body)}`);
    await delay(50);
  }
}

const faketime = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

/** Why clocks cannot be changed here; null where they can. */
export const faketimeMissing = existsSync(faketime) ? null : 'faketime is not installed';

/** The environment in which the clock and all timers of a process run that many times as fast, from a moment on. */
export function acceleratedClock(factor: number): Record<string, string> {
  return { LD_PRELOAD: faketime, FAKETIME: `+0 x${factor}` };
}
