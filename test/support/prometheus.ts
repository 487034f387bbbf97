import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { startProgram } from './programs.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

/** Why it cannot be started here, or null. In CI it has to be there. */
export function whyNoPrometheus(): string | null {
  if (existsSync('/usr/bin/prometheus') && existsSync('/usr/bin/promtool')) return null;
  if (process.env.CI) throw new Error('prometheus is not installed: test/run.mjs installs it as root');
  return 'prometheus is not installed';
}

/** A Prometheus of a test. */
export interface TestPrometheus {
  readonly url: string;
  /** The `result` of an instant query. @throws where the server refuses it */
  query<Result>(expression: string, at: Date): Promise<Result[]>;
  close(): Promise<void>;
}

/** Samples in OpenMetrics are in seconds. */
export interface TestSeries {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly (readonly [seconds: number, value: number])[];
}

/** What it is to do. */
export interface PrometheusConfiguration {
  /** prometheus.yml */
  readonly config: object;
  /** Beside it, by name. */
  readonly files: ReadonlyMap<string, object>;
}

/** Starts a Prometheus that holds these series, and scrapes nothing unless it is told to. */
export async function startPrometheus(
  series: readonly TestSeries[],
  { config, files }: PrometheusConfiguration = { config: { global: {} }, files: new Map() },
): Promise<TestPrometheus> {
  const folder = createTemporaryFolder();
  const data = join(folder.path, 'data');
  if (series.length > 0) {
    const file = folder.write('history.om', openMetrics(series));
    // In its usual blocks of two hours a year takes minutes.
    const command = ['tsdb', 'create-blocks-from', '--max-block-duration=1458h', 'openmetrics', file, data];
    execFileSync('/usr/bin/promtool', command, { stdio: 'pipe' });
  }
  // JSON is YAML too.
  for (const [name, content] of files) folder.write(name, JSON.stringify(content));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startProgram('/usr/bin/prometheus', `${url}/-/ready`, [
    `--config.file=${folder.write('prometheus.yml', JSON.stringify(config))}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--storage.tsdb.path=${data}`,
    '--storage.tsdb.retention.time=20y',
  ]);
  return {
    url,
    query: async <Result>(expression: string, at: Date): Promise<Result[]> => {
      const parameters = new URLSearchParams({ query: expression, time: String(at.getTime() / 1000) });
      const response = await fetch(`${url}/api/v1/query?${parameters.toString()}`);
      const answer = (await response.json()) as { error?: string; data?: { result: Result[] } };
      if (answer.data === undefined) throw new Error(`${expression}: ${answer.error ?? response.status}`);
      return answer.data.result;
    },
    close: async () => {
      await server.stop();
      folder.remove();
    },
  };
}

function openMetrics(series: readonly TestSeries[]): string {
  const lines: string[] = [];
  for (const metric of new Set(series.map((one) => one.metric))) {
    lines.push(`# TYPE ${metric} gauge`);
    for (const { labels, samples } of series.filter((one) => one.metric === metric)) {
      const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      for (const [seconds, value] of samples) lines.push(`${metric}{${pairs.join(',')}} ${value} ${seconds}`);
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}
