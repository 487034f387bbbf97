import type { DashboardSpec } from '../dashboard.ts';
import { green } from '../panels.ts';
import { failures, fleetVariables, instant, once, prometheus, range } from './queries.ts';
import { columnsOf } from './tables.ts';

const success = once('tidemark_collection_success', 'db_instance, engine');
const lastSuccess = once('tidemark_collection_last_success_timestamp_seconds', 'db_instance, engine');

/** The label job belongs to Prometheus, which calls ours exported_job unless it is told to honor it. */
const byTask = (metric: string): string =>
  `max by (task) (label_replace(label_replace(${metric}, "task", "$1", "job", "(.+)"), "task", "$1", "exported_job", "(.+)"))`;

/** Per second, of the exporters alone: other programs have metrics of the same name. */
const ofExporters = (counter: string): string =>
  `rate(${counter}[$__rate_interval]) and on (job, instance) tidemark_build_info`;

export const collections: DashboardSpec = {
  uid: 'tidemark-prometheus-collections',
  title: 'Collections and exporter health (Prometheus)',
  description: 'Whether collections and jobs work, and how the exporters themselves are.',
  tag: 'tidemark-prometheus',
  datasource: prometheus,
  from: 'now-7d',
  variables: fleetVariables(),
  annotations: [failures('engine=~"$engine", db_instance=~"$instance"')],
  page: { title: 'Collections in the app', url: '/a/tidemark-storage-app/collections' },
  sections: [
    {
      title: 'Collections',
      panels: [
        {
          ...{ kind: 'stat', title: 'Instances that failed', unit: 'short', width: 6, height: 4 },
          description: 'Whose last collection stored nothing.',
          thresholds: [green, { color: 'red', value: 1 }],
          targets: [range(`count(${success} == 0) or vector(0)`, 'failed')],
        },
        {
          ...{ kind: 'stat', title: 'Instances measured', unit: 'short', width: 6, height: 4 },
          description: 'Whose last collection stored something.',
          targets: [range(`count(${success} == 1)`, 'measured')],
        },
        {
          ...{ kind: 'stat', title: 'Oldest measurement', unit: 's', width: 6, height: 4 },
          description: 'Since the last success of the instance that has waited longest.',
          thresholds: [green, { color: 'yellow', value: 93_600 }, { color: 'red', value: 180_000 }],
          targets: [range(`max(time() - ${lastSuccess})`, 'age')],
        },
        {
          ...{ kind: 'stat', title: 'Slowest collection', unit: 's', width: 6, height: 4 },
          description: 'Of a single instance, the last time.',
          targets: [range(`max(${once('tidemark_collection_duration_seconds', 'db_instance')})`, 'slowest')],
        },
        {
          ...{ kind: 'table', title: 'Failing or late', unit: 's', width: 12, height: 9 },
          description: 'How old the measurements of each instance are, the oldest first.',
          targets: [instant(`topk(50, time() - ${lastSuccess})`)],
          ...columnsOf({ db_instance: 'Instance', engine: 'Engine', Value: 'Age' }),
          sortBy: { column: 'Age', descending: true },
        },
        {
          ...{ kind: 'table', title: 'Errors by reason', unit: 'short', width: 12, height: 9 },
          description:
            'Databases or whole instances that could not be measured since they were added; reasons are error codes.',
          targets: [instant(`topk(50, ${once('tidemark_collection_errors_total', 'db_instance, reason')} > 0)`)],
          ...columnsOf({ db_instance: 'Instance', reason: 'Reason', Value: 'Errors' }),
          sortBy: { column: 'Errors', descending: true },
        },
      ],
    },
    {
      title: 'Jobs',
      panels: [
        {
          ...{ kind: 'timeseries', title: 'Since the last success', unit: 's', width: 12, height: 8 },
          description: 'Of each scheduled job: a saw that is not higher than the time between two runs.',
          targets: [range(`time() - ${byTask('tidemark_job_last_success_timestamp_seconds')}`, '{{task}}')],
        },
        {
          ...{ kind: 'timeseries', title: 'Duration', unit: 's', width: 12, height: 8 },
          description: 'Of the last run of each scheduled job.',
          targets: [range(byTask('tidemark_job_duration_seconds'), '{{task}}')],
        },
      ],
    },
    {
      title: 'Exporters',
      panels: [
        {
          ...{ kind: 'timeseries', title: 'Repository', unit: 'short', width: 8, height: 7 },
          description: '1 where the repository answered the exporter when it was last asked.',
          targets: [range('tidemark_repository_up', '{{instance}}')],
        },
        {
          ...{ kind: 'timeseries', title: 'Requests', unit: 'reqps', width: 8, height: 7 },
          description: 'Requests per second, by answer.',
          targets: [
            range(`sum by (status_code) (${ofExporters('http_request_duration_seconds_count')})`, '{{status_code}}'),
          ],
        },
        {
          ...{ kind: 'timeseries', title: 'Duration of requests', unit: 's', width: 8, height: 7 },
          description: 'Below which 95 of 100 requests stay.',
          targets: [
            range(
              `histogram_quantile(0.95, sum by (le) (${ofExporters('http_request_duration_seconds_bucket')}))`,
              '95 %',
            ),
          ],
        },
        {
          ...{ kind: 'timeseries', title: 'Memory', unit: 'bytes', width: 8, height: 7 },
          description: 'Resident, of each exporter.',
          targets: [range('process_resident_memory_bytes and on (job, instance) tidemark_build_info', '{{instance}}')],
        },
        {
          ...{ kind: 'timeseries', title: 'Event loop', unit: 's', width: 8, height: 7 },
          description: 'How late the process comes to what is due, 99 of 100 times.',
          targets: [
            range('nodejs_eventloop_lag_p99_seconds and on (job, instance) tidemark_build_info', '{{instance}}'),
          ],
        },
        {
          ...{ kind: 'timeseries', title: 'Series', unit: 'short', width: 8, height: 7 },
          description: 'Series of the fleet that an exporter shows, and the most that it may.',
          targets: [
            range('max(tidemark_metrics_series)', 'shown', 'A'),
            range('max(tidemark_metrics_series_limit)', 'limit', 'B'),
          ],
        },
      ],
    },
  ],
};
