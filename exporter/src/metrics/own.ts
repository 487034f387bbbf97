import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';
import { version } from '../version.ts';
import { databaseFamilies, instanceCounters, instanceFamilies, jobFamilies, rowLabels } from './families.ts';
import { header, labelText, numberText, type Format } from './text.ts';

/** Gauges of prom-client that are called as only counters may be; `nodejs_active_resources` says the same by type. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Of a scrape and of most answers the time is a few milliseconds; statistics over the fleet take seconds. */
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * The registry of everything that is served: names, help and labels are checked and unique. Only the exporter's own metrics
 * have their values in it; those of the fleet are rendered from its state.
 */
export function createRegistry(): { registry: Registry; own: ReturnType<typeof ownMetrics> } {
  const registry = new Registry();
  const own = ownMetrics(registry);
  for (const [families, labels] of [
    [databaseFamilies, rowLabels.database],
    [instanceFamilies, rowLabels.instance],
    [instanceCounters, rowLabels.instance],
    [jobFamilies, rowLabels.job],
  ] as const) {
    for (const { name, help, type, labelNames } of families) {
      const Metric = type === 'counter' ? Counter : Gauge;
      new Metric({ name, help, labelNames: [...labels, ...labelNames], registers: [registry] });
    }
  }
  return { registry, own };
}

function ownMetrics(registry: Registry) {
  const gauge = (name: string, help: string, ...labelNames: string[]): Gauge =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  gauge('tidemark_build_info', 'The version of the exporter; always 1.', 'version').set({ version }, 1);
  return {
    repositoryUp: gauge('tidemark_repository_up', 'Whether the repository answered when it was last asked: 1 or 0.'),
    stateTimestamp: gauge(
      'tidemark_metrics_state_timestamp_seconds',
      'What is shown of the fleet is what the repository held at this time.',
    ),
    series: gauge('tidemark_metrics_series', 'Series of the fleet that are shown.'),
    seriesLimit: gauge('tidemark_metrics_series_limit', 'Most series of the fleet that are shown.'),
    seriesDropped: gauge(
      'tidemark_metrics_series_dropped',
      'Series of the smallest databases that are left out, because there are more than the limit.',
    ),
    defaultRows: gauge(
      'tidemark_repository_default_partition_rows',
      'Rows that belong to a month without a partition, by table of the repository.',
      'table',
    ),
    jobDue: gauge(
      'tidemark_job_due_timestamp_seconds',
      'When the schedule last asked for the job. Absent for a job that is switched off.',
      'job',
    ),
    requests: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the arrival of an HTTP request to the end of its answer.',
      labelNames: ['method', 'route', 'status_code'],
      buckets: requestBuckets,
      registers: [registry],
    }),
  };
}

/** The metrics of the exporter itself as they are now. */
export async function ownText(registry: Registry, format: Format): Promise<Buffer> {
  const metrics = (await registry.getMetricsAsJSON()) as readonly MetricObjectWithValues<NamedValue>[];
  const text = metrics
    .filter(({ name, values }) => values.length > 0 && !fleetNames.has(name))
    .map((metric) => {
      // prom-client speaks of its types by number in its declarations, and by name in its objects.
      const type = metric.type as unknown as string;
      const lines = metric.values.map(
        (value) => `${value.metricName ?? metric.name}${labelsOf(value)} ${numberText(value.value)}\n`,
      );
      return header({ ...metric, type }, format) + lines.join('');
    });
  return Buffer.from(text.join('') + (format === 'openmetrics' ? '# EOF\n' : ''));
}

const fleetNames: ReadonlySet<string> = new Set(
  [...databaseFamilies, ...instanceFamilies, ...instanceCounters, ...jobFamilies].map(({ name }) => name),
);

interface NamedValue extends MetricValue<string> {
  /** Where it differs from the name of the metric: buckets, sums and counts. */
  readonly metricName?: string;
}

function labelsOf({ labels }: NamedValue): string {
  const entries = Object.entries(labels).map(([name, value]) => [name, String(value)] as const);
  if (entries.length === 0) return '';
  return `{${labelText(
    entries.map(([name]) => name),
    entries.map(([, value]) => value),
  )}}`;
}
