// The same answers as a real Prometheus sees them: most of what a scrape takes is its own work.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './servers.mjs';

const program = '/usr/bin/prometheus';
const scrapes = 15;

/**
 * @param targets addresses of /metrics by name; scraped in turn for a while
 * @returns milliseconds by name, the median; null without Debian's prometheus
 */
export async function scrapedByPrometheus(folder, targets) {
  if (!existsSync(program)) return null;
  const config = {
    global: { scrape_interval: '2s', scrape_timeout: '2s' },
    scrape_configs: Object.entries(targets).map(([name, address]) => ({
      job_name: name,
      static_configs: [{ targets: [new URL(address).host] }],
    })),
  };
  const port = await freePort();
  const file = join(folder, 'prometheus.yml');
  // JSON is YAML too.
  writeFileSync(file, JSON.stringify(config));
  const child = spawn(
    program,
    [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`, `--web.listen-address=127.0.0.1:${port}`],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'close');
  try {
    for (let attempt = 0; attempt < 300; attempt += 1) {
      await delay(1000);
      if (child.exitCode !== null) throw new Error('prometheus ended');
      const counts = await query(port, 'count_over_time(scrape_duration_seconds[1h])').catch(() => ({}));
      // The first two fill its index with the series.
      if (Object.keys(targets).every((name) => counts[name] >= scrapes + 2)) break;
    }
    const failed = await query(port, 'count_over_time((up == 0)[1h:1s])');
    if (Object.keys(failed).length > 0) throw new Error(`scrapes failed: ${JSON.stringify(failed)}`);
    const seconds = await query(port, 'quantile_over_time(0.5, scrape_duration_seconds[1h])');
    return Object.fromEntries(Object.keys(targets).map((name) => [name, seconds[name] * 1000]));
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

/** Values by scrape job. */
async function query(port, expression) {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const { data } = await response.json();
  return Object.fromEntries(data.result.map(({ metric, value }) => [metric.job, Number(value[1])]));
}
