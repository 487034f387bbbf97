// The API on a port of its own.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { createApp } from '../../../exporter/dist/api/app.js';
import { createLogger } from '../../../exporter/dist/log.js';
import { createMetrics } from '../../../exporter/dist/metrics/metrics.js';
import { addToken, newToken } from '../../../exporter/dist/store/tokens.js';

export async function overHttp(pool, work) {
  const token = newToken();
  const wanted = { name: `bench ${token.reveal().slice(-8)}`, role: 'admin', owner: null, expiresAt: null };
  await addToken(pool, token, wanted, 'bench');
  const headers = { 'accept-encoding': 'gzip', authorization: `Bearer ${token.reveal()}` };
  const app = createApp({
    ...{ pool, metrics: createMetrics(pool), timezone: 'UTC', log: createLogger('silent') },
    ...{ outage: () => null, withApi: true },
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const get = (path) =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`));
        let bytes = 0;
        response.on('data', (chunk) => (bytes += chunk.length));
        response.on('end', () => resolve(bytes));
      })
        .on('error', reject)
        .end();
    });
  try {
    await work(get);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
