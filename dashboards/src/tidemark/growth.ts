import type { DashboardSpec } from '../dashboard.ts';
import { events, itsDatabases, oneInstance, query, tidemark } from './queries.ts';

const filters = { instance: ['$instance'], database: ['$database'] };
const instance = { instance: ['$instance'] };

export const databaseGrowth: DashboardSpec = {
  uid: 'tidemark-growth',
  title: 'Database growth',
  description: 'What grew, since when, and when it is full.',
  tag: 'tidemark-source',
  datasource: tidemark,
  from: 'now-180d',
  variables: [oneInstance(), itsDatabases()],
  annotations: [
    events('Sudden changes', 'orange', ['step_up', 'step_down'], filters),
    events('Databases that appeared or vanished', 'blue', ['appeared', 'vanished'], filters),
  ],
  page: { title: 'Growth in the app', url: '/a/tidemark-storage-app/growth' },
  sections: [
    {
      title: 'The chosen databases',
      panels: [
        {
          ...{ kind: 'timeseries', title: 'Size and forecast', unit: 'bytes', width: 24, height: 11 },
          description:
            'Measured sizes, and dashed what is to be expected in the next 180 days, with the band it is sure within.',
          targets: [
            query({
              queryType: 'series',
              groupBy: 'database',
              calculation: 'forecast',
              top: 5,
              horizonDays: 180,
              filters,
            }),
          ],
        },
        {
          ...{ kind: 'timeseries', title: 'Change by day', unit: 'bytes', width: 12, height: 9, style: 'bars' },
          description: 'What each day brought. Below zero is what was removed and given back to the disk.',
          targets: [query({ queryType: 'series', groupBy: 'database', calculation: 'daily_change', top: 10, filters })],
        },
        {
          ...{ kind: 'timeseries', title: 'Growth since the first day', unit: 'percent', width: 12, height: 9 },
          description: 'Against the first day of the range: small databases that double show here, not in bytes.',
          targets: [query({ queryType: 'series', groupBy: 'database', calculation: 'growth_rate', top: 10, filters })],
        },
      ],
    },
    {
      title: 'The instance',
      panels: [
        {
          ...{ kind: 'table', title: 'Grew most', unit: 'bytes', width: 12, height: 9 },
          description: 'In bytes, over the range.',
          targets: [query({ queryType: 'growth', groupBy: 'database', limit: 20, filters: instance })],
        },
        {
          ...{ kind: 'table', title: 'Grew fastest', unit: 'bytes', width: 12, height: 9 },
          description: 'In percent of what they were, over the range.',
          targets: [query({ queryType: 'growth', groupBy: 'database', order: 'rate', limit: 20, filters: instance })],
        },
        {
          ...{ kind: 'table', title: 'When they are full', unit: 'bytes', width: 24, height: 9 },
          description:
            'Growth per day in the last 90 days, how well a line fits it, and when the limit is reached, where it is known.',
          targets: [query({ queryType: 'forecasts', filters: instance })],
        },
      ],
    },
    {
      title: 'The fleet',
      panels: [
        {
          ...{ kind: 'table', title: 'Owners', unit: 'bytes', width: 12, height: 9 },
          description: 'Growth over the range by who owns the instances.',
          targets: [query({ queryType: 'growth', groupBy: 'owner', limit: 50 })],
        },
        {
          ...{ kind: 'table', title: 'Shrank most', unit: 'bytes', width: 12, height: 9 },
          description: 'Databases that gave room back over the range, or lost what they should not have.',
          targets: [query({ queryType: 'growth', groupBy: 'database', order: 'shrink', limit: 20 })],
        },
      ],
    },
  ],
};
