import type { DashboardSpec } from '../dashboard.ts';
import { events, itsDatabases, oneInstance, query, tidemark } from './queries.ts';

const filters = { instance: ['$instance'], database: ['$database'] };
const instance = { instance: ['$instance'] };

export const instanceStorage: DashboardSpec = {
  uid: 'tidemark-instance',
  title: 'Instance storage',
  description: 'One instance: its databases, its logs, tablespaces and volumes, and how its collections went.',
  tag: 'tidemark-source',
  datasource: tidemark,
  from: 'now-30d',
  variables: [oneInstance(), itsDatabases()],
  annotations: [
    events('Collections that failed', 'red', ['collection_failed'], instance),
    events('Databases that appeared or vanished', 'blue', ['appeared', 'vanished'], instance),
  ],
  page: { title: 'Instance in the app', url: '/a/tidemark-storage-app/instances/$instance/storage' },
  sections: [
    {
      title: 'Databases',
      panels: [
        {
          ...{ kind: 'stat', title: 'Total', unit: 'bytes', width: 8, height: 4, graph: true },
          description: 'Allocated by the chosen databases, on the last day of the range.',
          targets: [query({ queryType: 'series', groupBy: 'instance', filters })],
        },
        {
          ...{ kind: 'stat', title: 'Change', unit: 'bytes', width: 8, height: 4 },
          description: 'What came on top of the first day of the range.',
          targets: [query({ queryType: 'series', groupBy: 'instance', calculation: 'change', filters })],
        },
        {
          ...{ kind: 'stat', title: 'Databases', unit: 'short', width: 8, height: 4 },
          description: 'How many databases were measured on the last day of the range.',
          targets: [query({ queryType: 'series', groupBy: 'instance', measure: 'database_count', filters })],
        },
        {
          ...{ kind: 'timeseries', title: 'By database', unit: 'bytes', width: 16, height: 10, style: 'stacked' },
          description: 'Allocated by each of the twenty largest databases; the rest is summed up.',
          targets: [query({ queryType: 'series', groupBy: 'database', filters })],
        },
        {
          ...{ kind: 'timeseries', title: 'Data and log', unit: 'bytes', width: 8, height: 10 },
          description: 'Where the engine keeps a log for each database (SQL Server), data and log apart.',
          targets: [
            query({ queryType: 'series', groupBy: 'instance', measure: 'data', legend: 'data', filters }, 'A'),
            query({ queryType: 'series', groupBy: 'instance', measure: 'log', legend: 'log', filters }, 'B'),
          ],
        },
        {
          ...{ kind: 'table', title: 'Databases', unit: 'bytes', width: 24, height: 11 },
          description: 'The last measurement of each database, and its growth over the range.',
          targets: [query({ queryType: 'databases', filters })],
        },
      ],
    },
    {
      title: 'Files',
      panels: [
        {
          ...{ kind: 'table', title: 'Volumes', unit: 'bytes', width: 12, height: 7 },
          description: 'Disks and disk groups that files of the instance lie on, where the engine can say.',
          targets: [query({ queryType: 'storage', scope: 'volume', show: 'latest', filters: instance })],
        },
        {
          ...{ kind: 'timeseries', title: 'Volumes over time', unit: 'bytes', width: 12, height: 7 },
          description: 'Used, free and in all.',
          targets: [query({ queryType: 'storage', scope: 'volume', show: 'history', filters: instance })],
        },
        {
          ...{ kind: 'table', title: 'Tablespaces', unit: 'bytes', width: 12, height: 8 },
          description: 'Tablespaces with the size at which they stop growing, where the engine can say.',
          targets: [query({ queryType: 'storage', scope: 'tablespace', show: 'latest', filters: instance })],
        },
        {
          ...{ kind: 'timeseries', title: 'Logs of the instance', unit: 'bytes', width: 12, height: 8 },
          description: 'Write-ahead log, binary logs or redo logs: what a forgotten replica fills the disk with.',
          targets: [query({ queryType: 'storage', scope: 'log', show: 'history', filters: instance })],
        },
      ],
    },
    {
      title: 'Collections',
      panels: [
        {
          ...{ kind: 'table', title: 'Last collections', unit: 'short', width: 24, height: 9 },
          description:
            'How the last collections of this instance went; what could not be measured, with what to do about it.',
          targets: [query({ queryType: 'collections', show: 'records', limit: 30, filters: instance })],
        },
      ],
    },
  ],
};
