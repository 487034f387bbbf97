import type { DashboardSpec } from '../dashboard.ts';
import { failures, instant, itsDatabases, oneInstance, prometheus, range } from './queries.ts';
import { columnsOf } from './tables.ts';

const own = 'db_instance="$instance"';
const chosen = `${own}, database=~"$database"`;
const once = (metric: string, by: string, selector = chosen): string => `max by (${by}) (${metric}{${selector}})`;
const size = `sum by (database) (${once('tidemark_database_size_bytes', 'database, type')})`;
const growth = (days: string): string =>
  `max by (database) (tidemark_database_growth_bytes{${chosen}, window="${days}"})`;
const database = 'db_instance, engine, database';

export const databaseGrowth: DashboardSpec = {
  uid: 'tidemark-prometheus-growth',
  title: 'Database growth (Prometheus)',
  description:
    "What grew, and when it is full. Growth and forecasts are the exporter's own: they know the history from before the first scrape.",
  tag: 'tidemark-prometheus',
  datasource: prometheus,
  from: 'now-90d',
  variables: [oneInstance(), itsDatabases()],
  annotations: [failures(own)],
  page: { title: 'Growth in the app', url: '/a/tidemark-storage-app/growth' },
  sections: [
    {
      title: 'The chosen databases',
      panels: [
        {
          ...{ kind: 'timeseries', title: 'Size and limit', unit: 'bytes', width: 16, height: 10 },
          description: 'Allocated, and the size at which the database stops growing, where it is known.',
          targets: [
            range(`topk(10, ${size})`, '{{database}}', 'A'),
            range(`topk(10, ${once('tidemark_database_limit_bytes', 'database')})`, '{{database}} limit', 'B'),
          ],
        },
        {
          ...{ kind: 'timeseries', title: 'Used', unit: 'bytes', width: 8, height: 10 },
          description: 'Used inside what is allocated, where the engine can say.',
          targets: [
            range(
              `topk(10, sum by (database) (${once('tidemark_database_used_bytes', 'database, type')}))`,
              '{{database}}',
            ),
          ],
        },
        {
          ...{ kind: 'timeseries', title: 'Growth in 7 days', unit: 'bytes', width: 8, height: 8 },
          description: 'As of each moment.',
          targets: [range(`topk(10, ${growth('7d')})`, '{{database}}')],
        },
        {
          ...{ kind: 'timeseries', title: 'Growth in 30 days', unit: 'bytes', width: 8, height: 8 },
          description: 'As of each moment.',
          targets: [range(`topk(10, ${growth('30d')})`, '{{database}}')],
        },
        {
          ...{ kind: 'timeseries', title: 'Growth in 90 days', unit: 'bytes', width: 8, height: 8 },
          description: 'As of each moment.',
          targets: [range(`topk(10, ${growth('90d')})`, '{{database}}')],
        },
        {
          ...{ kind: 'table', title: 'When they are full', unit: 'dateTimeAsIso', width: 24, height: 8 },
          description:
            'When the limit is reached if it goes on as it did. Absent where there is no limit, or no growth beyond doubt.',
          targets: [instant(`${once('tidemark_database_full_timestamp_seconds', 'database')} * 1000`)],
          ...columnsOf({ database: 'Database', Value: 'Full' }),
          sortBy: { column: 'Full', descending: false },
        },
      ],
    },
    {
      title: 'The fleet',
      panels: [
        {
          ...{ kind: 'table', title: 'Grew most in 7 days', unit: 'bytes', width: 12, height: 9 },
          description: 'Of all instances.',
          targets: [instant(`topk(20, max by (${database}) (tidemark_database_growth_bytes{window="7d"}))`)],
          ...columnsOf({ db_instance: 'Instance', database: 'Database', engine: 'Engine', Value: 'Growth' }),
          sortBy: { column: 'Growth', descending: true },
        },
        {
          ...{ kind: 'table', title: 'Shrank most in 30 days', unit: 'bytes', width: 12, height: 9 },
          description: 'Of all instances.',
          targets: [instant(`bottomk(20, max by (${database}) (tidemark_database_growth_bytes{window="30d"}) < 0)`)],
          ...columnsOf({ db_instance: 'Instance', database: 'Database', engine: 'Engine', Value: 'Growth' }),
          sortBy: { column: 'Growth', descending: false },
        },
      ],
    },
  ],
};
