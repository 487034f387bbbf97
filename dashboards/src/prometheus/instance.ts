import type { DashboardSpec } from '../dashboard.ts';
import { green } from '../panels.ts';
import { failures, instant, itsDatabases, oneInstance, prometheus, range } from './queries.ts';
import { columnsOf } from './tables.ts';

const own = 'db_instance="$instance"';
const chosen = `${own}, database=~"$database"`;
const once = (metric: string, by: string, selector = own): string => `max by (${by}) (${metric}{${selector}})`;
const sizes = once('tidemark_database_size_bytes', 'database, type', chosen);

export const instanceStorage: DashboardSpec = {
  uid: 'tidemark-prometheus-instance',
  title: 'Instance storage (Prometheus)',
  description: 'One instance: its databases, logs, tablespaces and volumes, from what Prometheus scraped.',
  tag: 'tidemark-prometheus',
  datasource: prometheus,
  from: 'now-30d',
  variables: [oneInstance(), itsDatabases()],
  annotations: [failures(own)],
  page: { title: 'Instances in the app', url: '/a/tidemark-storage-app/instances?search=$instance' },
  sections: [
    {
      title: 'Databases',
      panels: [
        {
          ...{ kind: 'stat', title: 'Total', unit: 'bytes', width: 6, height: 4, graph: true },
          description: 'Allocated by the chosen databases.',
          targets: [range(`sum(${sizes})`, 'total')],
        },
        {
          ...{ kind: 'stat', title: 'Growth', unit: 'bytes', width: 6, height: 4 },
          description: 'In 7, 30 and 90 days, of the databases that were there before.',
          targets: [
            range(
              `sum by (window) (${once('tidemark_database_growth_bytes', 'database, window', chosen)})`,
              '{{window}}',
            ),
          ],
        },
        {
          ...{ kind: 'stat', title: 'Databases', unit: 'short', width: 6, height: 4 },
          description: 'How many databases are measured.',
          targets: [range(`count(count by (database) (${sizes}))`, 'databases')],
        },
        {
          ...{ kind: 'stat', title: 'Age of the measurements', unit: 's', width: 6, height: 4 },
          description: 'Since the last collection that stored anything.',
          thresholds: [green, { color: 'yellow', value: 93_600 }, { color: 'red', value: 180_000 }],
          targets: [
            range(`time() - ${once('tidemark_collection_last_success_timestamp_seconds', 'db_instance')}`, 'age'),
          ],
        },
        {
          ...{ kind: 'timeseries', title: 'By database', unit: 'bytes', width: 16, height: 10, style: 'stacked' },
          description: 'Allocated by each of the twenty largest databases.',
          targets: [range(`topk(20, sum by (database) (${sizes}))`, '{{database}}')],
        },
        {
          ...{ kind: 'timeseries', title: 'By kind', unit: 'bytes', width: 8, height: 10, style: 'stacked' },
          description: 'Data, indexes, logs and temporary files, where the engine can tell them apart.',
          targets: [range(`sum by (type) (${sizes})`, '{{type}}')],
        },
        {
          ...{ kind: 'table', title: 'Databases', unit: 'bytes', width: 24, height: 10 },
          description: 'The size of each chosen database.',
          targets: [instant(`sum by (database) (${sizes})`)],
          ...columnsOf({ database: 'Database', Value: 'Size' }),
          sortBy: { column: 'Size', descending: true },
        },
      ],
    },
    {
      title: 'Files',
      panels: [
        {
          ...{ kind: 'timeseries', title: 'Free on volumes', unit: 'bytes', width: 8, height: 8 },
          description: 'Where the engine can say.',
          targets: [range(once('tidemark_volume_free_bytes', 'volume'), '{{volume}}')],
        },
        {
          ...{ kind: 'timeseries', title: 'Tablespaces', unit: 'bytes', width: 8, height: 8 },
          description: 'The twenty largest tablespaces.',
          targets: [range(`topk(20, ${once('tidemark_tablespace_size_bytes', 'tablespace')})`, '{{tablespace}}')],
        },
        {
          ...{ kind: 'timeseries', title: 'Logs of the instance', unit: 'bytes', width: 8, height: 8 },
          description: 'Write-ahead log, binary logs or redo logs.',
          targets: [range(once('tidemark_instance_log_size_bytes', 'kind'), '{{kind}}')],
        },
      ],
    },
    {
      title: 'Collections',
      panels: [
        {
          ...{ kind: 'timeseries', title: 'Success', unit: 'short', width: 12, height: 6 },
          description: '1 where the last collection stored anything, 0 where it failed.',
          targets: [range(once('tidemark_collection_success', 'db_instance'), '{{db_instance}}')],
        },
        {
          ...{ kind: 'timeseries', title: 'Duration', unit: 's', width: 12, height: 6 },
          description: 'How long the last collection took.',
          targets: [range(once('tidemark_collection_duration_seconds', 'db_instance'), '{{db_instance}}')],
        },
      ],
    },
  ],
};
