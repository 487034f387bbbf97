import { expect } from '@jest/globals';
import { handlersOf, type OracleModel } from './oracle-model.ts';
import { monitor } from './oracle-target.ts';
import { startTnsServer, type TnsServer, type TnsServerOptions } from './tns/server.ts';
import { until } from './wait.ts';

/** Starts a server with a model behind it; `stopOracle` belongs into `afterEach`. */
export async function startOracle(model: OracleModel, options: TnsServerOptions = {}): Promise<TnsServer> {
  const server = await startTnsServer({
    users: { [monitor.username]: monitor.password },
    services: ['FREE'],
    handlers: handlersOf(model),
    ...options,
  });
  running.push(server);
  return server;
}

const running: TnsServer[] = [];

/** Stops what was started. Fails when a socket is left open, or something was asked that the model does not know. */
export async function stopOracle(): Promise<void> {
  const servers = running.splice(0);
  try {
    for (const server of servers) {
      await until(() => server.sockets === 0);
      expect(server.unexpected).toEqual([]);
    }
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}
