import type { DashboardSpec } from '../dashboard.ts';
import { chosenFleet, events, fleetVariables, query, tidemark } from './queries.ts';

const filters = chosenFleet;

export const collections: DashboardSpec = {
  uid: 'tidemark-collections',
  title: 'Collections and exporter health',
  description:
    'Whether last night worked, and what did not. The health of the process itself is in the dashboard on Prometheus.',
  tag: 'tidemark-source',
  datasource: tidemark,
  from: 'now-30d',
  variables: fleetVariables(),
  annotations: [events('Collections that failed', 'red', ['collection_failed'], filters)],
  page: { title: 'Collections in the app', url: '/a/tidemark-storage-app/collections' },
  sections: [
    {
      title: 'Collections',
      panels: [
        {
          ...{ kind: 'table', title: 'Sessions', unit: 'short', width: 24, height: 9 },
          description:
            'The last runs over the fleet: who asked for them, how long they took, how many instances failed.',
          targets: [query({ queryType: 'collections', show: 'sessions', limit: 30 })],
        },
        {
          ...{ kind: 'table', title: 'Instances in the last session', unit: 'short', width: 24, height: 11 },
          description: 'What the last session gave for each instance, failed ones first, with what to do about it.',
          targets: [query({ queryType: 'collections', show: 'records', limit: 200 })],
        },
      ],
    },
    {
      title: 'What was measured',
      panels: [
        {
          ...{ kind: 'timeseries', title: 'Databases measured', unit: 'short', width: 12, height: 9, style: 'bars' },
          description: 'By engine and day: a night that failed is a hole.',
          targets: [query({ queryType: 'series', groupBy: 'engine', measure: 'database_count', filters })],
        },
        {
          ...{ kind: 'timeseries', title: 'Databases measured by instance', unit: 'short', width: 12, height: 9 },
          description: 'A line that breaks off is an instance that is not measured any more.',
          targets: [query({ queryType: 'series', groupBy: 'instance', measure: 'database_count', top: 50, filters })],
        },
      ],
    },
  ],
};
