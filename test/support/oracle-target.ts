import { Secret } from '../../exporter/src/config/secret.ts';
import type { EngineSession, InstanceMeasurement, Target } from '../../exporter/src/engines/engine.ts';
import { oracle } from '../../exporter/src/engines/oracle.ts';
import { testDeadlines } from './test-database.ts';
import type { TnsServer } from './tns/server.ts';

/** The user of these tests, as it is typed. */
export const monitor = { username: 'c##tidemark', password: 'Pass wörd 1' };

/** How to reach a test server. */
export function targetOf(server: Pick<TnsServer, 'port'>, changes: Partial<Target> = {}): Target {
  return {
    host: '127.0.0.1',
    port: server.port,
    database: 'FREE',
    username: monitor.username,
    password: new Secret(monitor.password),
    tls: { mode: 'disable' },
    ...changes,
  };
}

/** Connects, does something, closes. */
export async function withSession<T>(target: Target, work: (session: EngineSession) => Promise<T>): Promise<T> {
  const session = await oracle.connect(target, testDeadlines);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** Measures all databases of a server, or those that are wanted. */
export function measure(target: Target, wanted: (name: string) => boolean = () => true): Promise<InstanceMeasurement> {
  return withSession(target, (session) => session.measure({ wanted, estimateOnTimeout: false }));
}
