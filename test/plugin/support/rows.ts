import { screen, within } from '@testing-library/react';

import type {
  CollectionRecord,
  DatabaseRow,
  Facets,
  FleetForecast,
  GrowthRow,
  Instance,
  PeriodStatistics,
  Session,
} from '../../../plugin/src/data';

export const gibibyte = 1_073_741_824;

/** The texts of a table's cells, row by row, without the headings. */
export function cellsOf(table: HTMLElement): string[][] {
  return within(table)
    .getAllByRole('row')
    .slice(1)
    .map((row) =>
      within(row)
        .getAllByRole('cell')
        .map((cell) => cell.textContent.trim()),
    );
}

/** The table in the part of the page with this heading. */
export async function tableOf(title: string): Promise<HTMLElement> {
  return within(await screen.findByRole('region', { name: title })).findByRole('table');
}

export const facets: Facets = {
  engines: [
    { value: 'postgresql', instances: 2 },
    { value: 'oracle', instances: 1 },
  ],
  owners: [
    { value: 'team-orders', instances: 2 },
    { value: null, instances: 1 },
  ],
  labels: { environment: ['production', 'test'] },
};

export const anInstance = (changes: Partial<Instance> = {}): Instance => ({
  id: 1,
  name: 'orders-pg',
  engine: 'postgresql',
  host: 'db1.example.net',
  port: 5432,
  database: 'postgres',
  server_version: 'PostgreSQL 16.4',
  owner: 'team-orders',
  labels: { environment: 'production' },
  source: 'user',
  active: true,
  tls: { mode: 'prefer', ca: null, cert: null, key: null, server_name: null },
  username: 'tidemark',
  credential_id: null,
  include: ['*'],
  exclude: [],
  quiet_hours: [],
  estimate_on_timeout: false,
  total_size_bytes: 120 * gibibyte,
  total_size_mb: 120 * 1024,
  database_count: 12,
  measure_seconds: 0.4,
  growth: { days: 30, change_bytes: 20 * gibibyte, growth_rate: 20 },
  sparkline: { t: ['2026-11-20', '2026-11-21', '2026-11-22'], size_bytes: [100, 110, 120] },
  last_collection: {
    session_id: 7,
    status: 'succeeded',
    finished_at: '2026-11-22T03:00:04Z',
    error_code: null,
    error_message: null,
  },
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  ...changes,
});

export const aDatabase = (changes: Partial<DatabaseRow> = {}): DatabaseRow => ({
  instance_id: 1,
  instance_name: 'orders-pg',
  engine: 'postgresql',
  owner: 'team-orders',
  database_name: 'orders',
  size_bytes: 80 * gibibyte,
  data_bytes: 60 * gibibyte,
  log_bytes: null,
  index_bytes: 20 * gibibyte,
  temp_bytes: null,
  used_bytes: null,
  limit_bytes: null,
  method: 'exact',
  collected_at: '2026-11-22T03:00:02Z',
  first_seen_date: '2025-11-01',
  gone_since: null,
  share: 2 / 3,
  growth: { days: 30, change_bytes: 8 * gibibyte, growth_rate: 11.1 },
  sparkline: null,
  ...changes,
});

export const aGrowthRow = (changes: Partial<GrowthRow> = {}): GrowthRow => ({
  group: null,
  instance_id: null,
  instance_name: null,
  database_name: null,
  size_bytes: 300 * gibibyte,
  previous_size_bytes: 250 * gibibyte,
  change_bytes: 50 * gibibyte,
  growth_rate: 20,
  database_count: 40,
  new_bytes: 3 * gibibyte,
  new_count: 2,
  vanished_bytes: 0,
  vanished_count: 0,
  incomparable_bytes: 0,
  ...changes,
});

export const aForecast = (changes: Partial<FleetForecast> = {}): FleetForecast => ({
  instance_id: 1,
  instance_name: 'orders-pg',
  engine: 'postgresql',
  owner: 'team-orders',
  database_name: 'orders',
  from_date: '2026-08-24',
  to_date: '2026-11-22',
  points: 90,
  change_bytes_per_day: 0.5 * gibibyte,
  r_squared: 0.98,
  size_bytes: 80 * gibibyte,
  limit_bytes: 100 * gibibyte,
  full_at: '2027-01-01',
  ...changes,
});

export const aSession = (changes: Partial<Session> = {}): Session => ({
  id: 7,
  trigger: 'schedule',
  scope: {},
  requested_by: null,
  due_at: '2026-11-22T03:00:00Z',
  status: 'succeeded',
  started_at: '2026-11-22T03:00:00Z',
  finished_at: '2026-11-22T03:00:30Z',
  duration_seconds: 30,
  cancel_requested_at: null,
  instances: {
    total: 3,
    queued: 0,
    running: 0,
    succeeded: 3,
    partial: 0,
    failed: 0,
    skipped: 0,
    interrupted: 0,
    cancelled: 0,
  },
  databases_measured: 40,
  databases_failed: 0,
  ...changes,
});

export const aRecord = (changes: Partial<CollectionRecord> = {}): CollectionRecord => ({
  session_id: 7,
  instance_id: 1,
  instance: 'orders-pg',
  engine: 'postgresql',
  owner: 'team-orders',
  status: 'succeeded',
  attempt: 1,
  exporter: 'exporter-1',
  started_at: '2026-11-22T03:00:00Z',
  finished_at: '2026-11-22T03:00:04Z',
  duration_seconds: 4,
  measure_seconds: 0.4,
  databases_measured: 12,
  databases_failed: 0,
  error_code: null,
  error_message: null,
  failures: [],
  warnings: [],
  ...changes,
});

export const statisticsOf = (
  database_name: string,
  statistics: Partial<PeriodStatistics['statistics']> = {},
  changes: Partial<PeriodStatistics> = {},
): PeriodStatistics => ({
  database_name,
  period_type: 'weekly',
  period_start: '2026-11-16',
  period_end: '2026-11-22',
  is_complete: true,
  calculated_at: '2026-11-22T05:00:00Z',
  ...changes,
  statistics: {
    data_count: 6,
    avg_size_bytes: 10 * gibibyte,
    max_size_bytes: 12 * gibibyte,
    min_size_bytes: 9 * gibibyte,
    avg_data_bytes: null,
    max_data_bytes: null,
    min_data_bytes: null,
    avg_log_bytes: null,
    max_log_bytes: null,
    min_log_bytes: null,
    coverage: 6 / 7,
    first_date: '2026-11-16',
    first_size_bytes: 9 * gibibyte,
    last_date: '2026-11-22',
    last_size_bytes: 12 * gibibyte,
    change_bytes: 3 * gibibyte,
    growth_rate: 33.3,
    appeared_date: null,
    vanished_date: null,
    ...statistics,
  },
});
