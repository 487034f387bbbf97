// The API on a port of its own.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { createApp } from '../../../exporter/dist/api/app.js';
import { createLogger } from '../../../exporter/dist/log.js';
import { createMetrics } from '../../../exporter/dist/metrics/metrics.js';

export async function overHttp(pool, work) {
  const app = createApp({ pool, metrics: createMetrics(pool), timezone: 'UTC', log: createLogger('silent'), withApi: true });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const get = (path) =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, headers: { 'accept-encoding': 'gzip' } }, (response) => {
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
