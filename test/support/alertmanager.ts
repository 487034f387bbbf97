import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { startProgram } from './programs.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

/** Why it cannot be started here, or null. In CI it has to be there. */
export function whyNoAlertmanager(): string | null {
  if (existsSync('/usr/bin/prometheus-alertmanager') && existsSync('/usr/bin/amtool')) return null;
  if (process.env.CI) throw new Error('prometheus-alertmanager is not installed: test/run.mjs installs it as root');
  return 'prometheus-alertmanager is not installed';
}

/** An alert as Alertmanager knows it. */
export interface HeldAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: 'active' | 'suppressed' | 'unprocessed'; readonly inhibitedBy: readonly string[] };
}

/** An Alertmanager of a test. */
export interface TestAlertmanager {
  /** HOST:PORT, as prometheus.yml has it. */
  readonly target: string;
  /** Tells it of alerts by their labels, as a Prometheus would; they last an hour. */
  raise(alerts: readonly Readonly<Record<string, string>>[]): Promise<void>;
  /** What it knows of at present. */
  alerts(): Promise<HeldAlert[]>;
  close(): Promise<void>;
}

/** Starts one, alone. @param config alertmanager.yml */
export async function startAlertmanager(config: object): Promise<TestAlertmanager> {
  const folder = createTemporaryFolder();
  const target = `127.0.0.1:${await freePort()}`;
  const server = await startProgram('/usr/bin/prometheus-alertmanager', `http://${target}/-/ready`, [
    // JSON is YAML too.
    `--config.file=${folder.write('alertmanager.yml', JSON.stringify(config))}`,
    `--storage.path=${join(folder.path, 'data')}`,
    `--web.listen-address=${target}`,
    '--cluster.listen-address=',
  ]);
  return {
    target,
    raise: async (alerts) => {
      const endsAt = new Date(Date.now() + 3_600_000).toISOString();
      const response = await fetch(`http://${target}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts.map((labels) => ({ labels, endsAt }))),
      });
      if (!response.ok) throw new Error(`Alertmanager answers ${response.status}: ${await response.text()}`);
    },
    alerts: async () => {
      const response = await fetch(`http://${target}/api/v2/alerts`);
      if (!response.ok) throw new Error(`Alertmanager answers ${response.status}: ${await response.text()}`);
      return (await response.json()) as HeldAlert[];
    },
    close: async () => {
      await server.stop();
      folder.remove();
    },
  };
}
