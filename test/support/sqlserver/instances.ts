import { defaultDeadlines } from '../../../exporter/src/config/deadlines.ts';
import { Secret } from '../../../exporter/src/config/secret.ts';
import type { TlsOptions } from '../../../exporter/src/config/tls.ts';
import type {
  DatabaseMeasurement,
  EngineSession,
  InstanceMeasurement,
  MeasureOptions,
  SessionDeadlines,
  Target,
} from '../../../exporter/src/engines/engine.ts';
import { sqlserver } from '../../../exporter/src/engines/sqlserver.ts';
import type { TdsServer, TdsServerOptions } from '../tds/server.ts';
import { startTdsServer } from '../tds/server.ts';
import { until } from '../wait.ts';
import { handlersFor, type ModelDatabase, type ModelInstance } from './model.ts';

export const username = 'tidemark';
export const password = 'p4ss of the tests';

/** Long enough for a busy machine, short enough for the tests that wait for one to pass. */
export const deadlines: SessionDeadlines = { connect: 5_000, query: 5_000, close: 500 };

export const everything: MeasureOptions = { wanted: () => true, estimateOnTimeout: false };

/** master, tempdb, model and msdb, with nothing remarkable about them. */
export const systemDatabases: readonly ModelDatabase[] = ['master', 'tempdb', 'model', 'msdb'].map((name, index) => ({
  id: index + 1,
  name,
  logUsedBytes: 65_536n,
  files: [
    { id: 1, type: 'rows', pages: 1024n, usedPages: 512n },
    { id: 2, type: 'log', pages: 256n },
  ],
}));

/** A server that is this instance. */
export function serve(instance: ModelInstance, options: Partial<TdsServerOptions> = {}): Promise<TdsServer> {
  return startTdsServer({ users: { [username]: password }, handlers: handlersFor(instance), ...options });
}

export function targetOf(port: number, tls: Partial<TlsOptions> = {}, others: Partial<Target> = {}): Target {
  return {
    host: '127.0.0.1',
    port,
    database: sqlserver.defaultDatabase,
    username,
    password: new Secret(password),
    tls: { mode: 'prefer', ...tls },
    ...others,
  };
}

export function connectTo(server: { readonly port: number }, others: Partial<Target> = {}): Promise<EngineSession> {
  return sqlserver.connect(targetOf(server.port, {}, others), { ...defaultDeadlines, ...deadlines });
}

/** A user database of one data file, half used, and one log file: 100 MB and 10 MB. */
export function database(id: number, name: string, others: Partial<ModelDatabase> = {}): ModelDatabase {
  return {
    id,
    name,
    logUsedBytes: 1_000_000n,
    files: [
      { id: 1, type: 'rows', pages: 12_800n, usedPages: 6_400n },
      { id: 2, type: 'log', pages: 1280n },
    ],
    ...others,
  };
}

/** What was measured of one database. */
export function named(measurement: InstanceMeasurement, name: string): DatabaseMeasurement | undefined {
  return measurement.databases.find((candidate) => candidate.databaseName === name);
}

/** A server that is measured, and what it was asked. */
export class MeasuredServer {
  #server: TdsServer | undefined;

  get tds(): TdsServer {
    if (this.#server === undefined) throw new Error('nothing was started');
    return this.#server;
  }

  async start(instance: ModelInstance, options: Partial<TdsServerOptions> = {}): Promise<TdsServer> {
    this.#server = await serve(instance, options);
    return this.#server;
  }

  /** Logs in to the instance, measures it, and leaves. */
  async measure(instance: ModelInstance, wanted = everything.wanted): Promise<InstanceMeasurement> {
    const session = await connectTo(await this.start(instance), { database: instance.currentDatabase ?? 'master' });
    try {
      return await session.measure({ ...everything, wanted });
    } finally {
      await session.close();
    }
  }

  /** For after each test. @throws when a statement was not expected, or a connection is left */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    await until(() => server.sockets === 0);
    await server.close();
    if (server.unexpected.length > 0) throw new Error(`unexpected: ${server.unexpected.join('; ')}`);
  }
}
