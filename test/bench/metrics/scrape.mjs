// Scrapes as Prometheus does: gzip, over a connection that stays open.
import { Agent, request } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** @returns get(url): the bytes of the answer as they came; close() */
export function createScraper() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { 'accept-encoding': 'gzip', 'x-prometheus-scrape-timeout-seconds': '60' };
  const get = (url) =>
    new Promise((resolve, reject) => {
      request(url, { agent, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode}`));
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => resolve({ body: Buffer.concat(chunks), headers: response.headers }));
      })
        .on('error', reject)
        .end();
    });
  return { get, close: () => agent.destroy() };
}

/** The text of an answer. */
export function textOf({ body, headers }) {
  return (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8');
}

/** Values of a metric, summed up by one label. */
export function sumBy(text, metric, label) {
  const sums = new Map();
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${metric}{`)) continue;
    const [, key] = new RegExp(`[{,]${label}="([^"]*)"`).exec(line) ?? [];
    sums.set(key, (sums.get(key) ?? 0) + Number(line.slice(line.lastIndexOf(' ') + 1)));
  }
  return sums;
}
