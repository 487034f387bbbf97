import type { DashboardSpec } from '../dashboard.ts';
import { green } from '../panels.ts';
import { chosenFleet, events, fleetVariables, query, tidemark } from './queries.ts';

const filters = chosenFleet;

export const fleetStorage: DashboardSpec = {
  uid: 'tidemark-fleet',
  title: 'Fleet storage',
  description: 'How large all databases together are, who and what they belong to, and where it is going.',
  tag: 'tidemark-source',
  datasource: tidemark,
  from: 'now-90d',
  variables: fleetVariables(),
  annotations: [events('Collections that failed', 'red', ['collection_failed'], filters)],
  page: { title: 'Overview in the app', url: '/a/tidemark-storage-app/overview' },
  sections: [
    {
      title: 'Now',
      panels: [
        {
          ...{ kind: 'stat', title: 'Total', unit: 'bytes', width: 6, height: 4, graph: true },
          description: 'Allocated by all databases that are there, on the last day of the range.',
          targets: [query({ queryType: 'series', groupBy: 'fleet', filters })],
        },
        {
          ...{ kind: 'stat', title: 'Databases', unit: 'short', width: 6, height: 4, graph: true },
          description: 'How many databases were measured on the last day of the range.',
          targets: [query({ queryType: 'series', measure: 'database_count', groupBy: 'fleet', filters })],
        },
        {
          ...{ kind: 'stat', title: 'Change', unit: 'bytes', width: 6, height: 4 },
          description: 'What came on top of the first day of the range.',
          targets: [query({ queryType: 'series', groupBy: 'fleet', calculation: 'change', filters })],
        },
        {
          ...{ kind: 'stat', title: 'Growth', unit: 'percent', width: 6, height: 4 },
          description: 'The change against the first day of the range.',
          thresholds: [green, { color: 'yellow', value: 10 }, { color: 'red', value: 30 }],
          targets: [query({ queryType: 'series', groupBy: 'fleet', calculation: 'growth_rate', filters })],
        },
      ],
    },
    {
      title: 'Over time',
      panels: [
        {
          ...{ kind: 'timeseries', title: 'By engine', unit: 'bytes', width: 12, height: 9, style: 'stacked' },
          description: 'Allocated, by kind of database server.',
          targets: [query({ queryType: 'series', groupBy: 'engine', filters })],
        },
        {
          ...{ kind: 'timeseries', title: 'By owner', unit: 'bytes', width: 12, height: 9, style: 'stacked' },
          description: 'Allocated, by who owns the instance.',
          targets: [query({ queryType: 'series', groupBy: 'owner', filters })],
        },
        {
          ...{ kind: 'timeseries', title: 'Largest instances', unit: 'bytes', width: 12, height: 9, style: 'lines' },
          description: 'The ten instances that are largest at the end of the range; the rest is summed up.',
          targets: [query({ queryType: 'series', groupBy: 'instance', top: 10, filters })],
        },
        {
          ...{ kind: 'timeseries', title: 'Change by day', unit: 'bytes', width: 12, height: 9, style: 'bars' },
          description: 'What each day brought, in all. A night that failed leaves a gap, the next one shows both.',
          targets: [query({ queryType: 'series', groupBy: 'fleet', calculation: 'daily_change', filters })],
        },
      ],
    },
    {
      title: 'What needs room',
      panels: [
        {
          ...{ kind: 'table', title: 'Top growth', unit: 'bytes', width: 12, height: 11 },
          description: 'The twenty databases that grew most in the range.',
          targets: [query({ queryType: 'growth', groupBy: 'database', limit: 20, filters })],
        },
        {
          ...{ kind: 'table', title: 'Full within half a year', unit: 'bytes', width: 12, height: 11 },
          description:
            'When each database reaches its limit if it goes on as in the last 90 days. Only where the limit is known.',
          targets: [query({ queryType: 'forecasts', withinDays: 180, limit: 50, filters })],
        },
      ],
    },
  ],
};
