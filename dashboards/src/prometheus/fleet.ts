import type { DashboardSpec } from '../dashboard.ts';
import { green } from '../panels.ts';
import { failures, fleetVariables, instant, once, prometheus, range, sizes } from './queries.ts';
import { columnsOf } from './tables.ts';

const database = 'db_instance, engine, database';
const owned = 'max by (db_instance, owner) (tidemark_instance_info{owner=~"$owner"})';
const ofOwner = (expression: string): string =>
  `${expression} and on (db_instance) (tidemark_instance_info{owner=~"$owner"})`;
const growth = ofOwner(once('tidemark_database_growth_bytes', database, 'window="30d"'));
const full = ofOwner(once('tidemark_database_full_timestamp_seconds', database));

export const fleetStorage: DashboardSpec = {
  uid: 'tidemark-prometheus-fleet',
  title: 'Fleet storage (Prometheus)',
  description:
    'How large all databases together are, from what Prometheus scraped. Its history begins with the first scrape.',
  tag: 'tidemark-prometheus',
  datasource: prometheus,
  from: 'now-30d',
  variables: fleetVariables(),
  annotations: [failures('engine=~"$engine", db_instance=~"$instance"')],
  page: { title: 'Overview in the app', url: '/a/tidemark-storage-app/overview' },
  sections: [
    {
      title: 'Now',
      panels: [
        {
          ...{ kind: 'stat', title: 'Total', unit: 'bytes', width: 6, height: 4, graph: true },
          description: 'Allocated by all databases.',
          targets: [range(`sum(${sizes})`, 'total')],
        },
        {
          ...{ kind: 'stat', title: 'Databases', unit: 'short', width: 6, height: 4, graph: true },
          description: 'How many databases are measured.',
          targets: [range(`count(count by (db_instance, database) (${sizes}))`, 'databases')],
        },
        {
          ...{ kind: 'stat', title: 'Growth in 30 days', unit: 'bytes', width: 6, height: 4 },
          description: 'Of the databases that were there 30 days ago.',
          targets: [range(`sum(${growth})`, 'growth')],
        },
        {
          ...{ kind: 'stat', title: 'Next one full', unit: 'dateTimeFromNow', width: 6, height: 4 },
          description: 'When the first database reaches its limit, if it goes on as it did.',
          targets: [range(`min(${full}) * 1000`, 'full')],
        },
      ],
    },
    {
      title: 'Over time',
      panels: [
        {
          ...{ kind: 'timeseries', title: 'By engine', unit: 'bytes', width: 12, height: 9, style: 'stacked' },
          description: 'Allocated, by kind of database server.',
          targets: [range(`sum by (engine) (${sizes})`, '{{engine}}')],
        },
        {
          ...{ kind: 'timeseries', title: 'By owner', unit: 'bytes', width: 12, height: 9, style: 'stacked' },
          description: 'Allocated, by who owns the instance. Those without an owner have an empty name.',
          targets: [
            range(
              `sum by (owner) (sum by (db_instance) (${sizes}) * on (db_instance) group_left (owner) ${owned})`,
              '{{owner}}',
            ),
          ],
        },
        {
          ...{ kind: 'timeseries', title: 'Largest instances', unit: 'bytes', width: 24, height: 9 },
          description: 'The ten that are largest at each moment.',
          targets: [range(`topk(10, sum by (db_instance) (${sizes}))`, '{{db_instance}}')],
        },
      ],
    },
    {
      title: 'What needs room',
      panels: [
        {
          ...{ kind: 'table', title: 'Grew most in 30 days', unit: 'bytes', width: 12, height: 11 },
          description: 'The twenty databases that grew most in 30 days.',
          targets: [instant(`topk(20, ${growth})`)],
          ...columnsOf({ db_instance: 'Instance', database: 'Database', engine: 'Engine', Value: 'Growth' }),
          sortBy: { column: 'Growth', descending: true },
        },
        {
          ...{ kind: 'table', title: 'Full next', unit: 'dateTimeAsIso', width: 12, height: 11 },
          description: 'When databases reach their limit, the first ones first. Only where the limit is known.',
          targets: [instant(`bottomk(20, ${full}) * 1000`)],
          ...columnsOf({ db_instance: 'Instance', database: 'Database', engine: 'Engine', Value: 'Full' }),
          sortBy: { column: 'Full', descending: false },
        },
        {
          ...{ kind: 'bargauge', title: 'Fullest databases', unit: 'percentunit', width: 12, height: 9, max: 1 },
          description: 'Used data against the size at which the database stops growing.',
          thresholds: [green, { color: 'yellow', value: 0.8 }, { color: 'red', value: 0.9 }],
          targets: [
            range(
              `topk(15, ${once('tidemark_database_used_bytes', database, 'type="data"')} / ${once('tidemark_database_limit_bytes', database)})`,
              '{{db_instance}} {{database}}',
            ),
          ],
        },
        {
          ...{ kind: 'bargauge', title: 'Fullest volumes', unit: 'percentunit', width: 12, height: 9, max: 1 },
          description: 'What is used of volumes and disk groups, where the engine can say.',
          thresholds: [green, { color: 'yellow', value: 0.8 }, { color: 'red', value: 0.9 }],
          targets: [
            range(
              `topk(15, 1 - ${once('tidemark_volume_free_bytes', 'db_instance, volume')} / ${once('tidemark_volume_size_bytes', 'db_instance, volume')})`,
              '{{db_instance}} {{volume}}',
            ),
          ],
        },
      ],
    },
  ],
};
