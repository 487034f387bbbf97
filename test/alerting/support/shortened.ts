import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { PrometheusConfiguration } from '../../support/prometheus.ts';
import { alertmanagerFile, provisioning, readRuleFiles, type AlertingRule } from './shipped.ts';

/** What ships waits minutes and hours; a test has seconds. Nothing else of the files is changed. */
const scrapeInterval = '2s';
const evaluationInterval = '1s';
const patience = '3s';
/** Nothing is known before the first scrape, and a busy machine misses one. */
const exporterPatience = '10s';

interface Route {
  readonly routes?: readonly Route[];
}

/**
 * prometheus.yml and the rules as they ship, with every time shortened and the addresses of a test.
 * @param exporters HOST:PORT of each
 * @param alertmanager HOST:PORT; null: nobody is told
 */
export function shortenedPrometheus(
  exporters: readonly string[],
  alertmanager: string | null,
): PrometheusConfiguration {
  const shipped = parse(readFileSync(join(provisioning, 'prometheus/prometheus.yml'), 'utf8')) as {
    readonly scrape_configs: readonly object[];
  };
  const [scrape] = shipped.scrape_configs;
  const files = [...readRuleFiles()].map(([name, { groups }]) => {
    const shortened = groups.map((group) => ({
      ...group,
      interval: evaluationInterval,
      rules: group.rules.map((rule) => ('alert' in rule ? { ...rule, for: patienceOf(rule) } : rule)),
    }));
    return [`rules-${name}`, { groups: shortened }] as const;
  });
  const config = {
    global: {
      scrape_interval: scrapeInterval,
      scrape_timeout: scrapeInterval,
      evaluation_interval: evaluationInterval,
    },
    rule_files: files.map(([name]) => name),
    scrape_configs: [{ ...scrape, static_configs: [{ targets: exporters }] }],
    ...(alertmanager === null
      ? {}
      : { alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] } }),
  };
  return { config, files: new Map(files) };
}

function patienceOf({ alert }: AlertingRule): string {
  return alert === 'TidemarkExporterDown' ? exporterPatience : patience;
}

/** alertmanager.yml as it ships, with short waits, and with receivers at another address. */
export function shortenedAlertmanager(webhook: string): object {
  const text = readFileSync(alertmanagerFile, 'utf8').replaceAll('http://notifications.example.net', webhook);
  const { route, ...rest } = parse(text) as { readonly route: Route };
  return { ...rest, route: { ...withoutWaits(route), group_wait: '100ms', group_interval: '1s' } };
}

/** A route inherits the waits of the one above it. */
function withoutWaits(route: Route): Route {
  const { group_wait: _wait, group_interval: _interval, ...rest } = route as Route & Record<string, unknown>;
  return { ...rest, ...(route.routes === undefined ? {} : { routes: route.routes.map(withoutWaits) }) };
}
