import type { Growth } from './growth.ts';

/** What one server of the demonstration is there for. */
export interface ServerEntry {
  readonly name: string;
  readonly engine: 'postgresql' | 'mysql' | 'sqlserver' | 'oracle';
  readonly version: string;
  readonly owner: string | null;
  readonly environment: 'production' | 'staging' | 'test';
  readonly region: 'eu-central' | 'us-east' | 'ap-southeast';
  /** Names of its databases. */
  readonly databases: readonly string[];
  /** The content of a typical one on the first day. */
  readonly typicalGigabytes: number;
  readonly growth?: Growth;
}

const customers = [
  ...['acorn', 'alder', 'aspen', 'birch', 'bramble', 'cedar', 'clover', 'cypress', 'elder', 'fern', 'fir', 'ginkgo'],
  ...['hazel', 'heather', 'holly', 'ivy', 'jasmine', 'juniper', 'larch', 'laurel', 'lavender', 'linden', 'lotus'],
  ...['magnolia', 'maple', 'mulberry', 'myrtle', 'oak', 'olive', 'pine', 'poplar', 'quince', 'rowan', 'sequoia'],
  ...['sorrel', 'spruce', 'sumac', 'sycamore', 'tamarind', 'thyme', 'tulip', 'walnut', 'willow', 'yarrow', 'yew'],
];

function each(prefix: string, from: number, to: number): string[] {
  return customers.slice(from, to).map((customer) => `${prefix}_${customer}`);
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}_${String(index + 1).padStart(2, '0')}`);
}

const production = 'production';
const eu = { environment: production, region: 'eu-central' } as const;
const us = { environment: production, region: 'us-east' } as const;
const ap = { environment: production, region: 'ap-southeast' } as const;
const staging = { environment: 'staging', region: 'eu-central' } as const;
const test = { environment: 'test', region: 'eu-central' } as const;

const postgresql = { engine: 'postgresql', version: 'PostgreSQL 17.6' } as const;
const mysql = { engine: 'mysql', version: 'MySQL 8.4.6' } as const;
const mariadb = { engine: 'mysql', version: 'MariaDB 11.4.8' } as const;
const sqlserver = { engine: 'sqlserver', version: 'SQL Server 2022 (16.0.4205)' } as const;
const oracle = { engine: 'oracle', version: 'Oracle Database 19.28.0.0.0' } as const;

/** Forty servers of a company that sells things, delivers them, and keeps books. A further one is one entry here. */
export const servers: readonly ServerEntry[] = [
  {
    ...{ name: 'orders-pg', ...postgresql, ...eu, owner: 'team-orders', typicalGigabytes: 90 },
    databases: ['orders', 'orders_archive', 'baskets', 'returns', 'vouchers', 'postgres'],
  },
  {
    ...{ name: 'orders-us-pg', ...postgresql, ...us, owner: 'team-orders', typicalGigabytes: 60 },
    databases: ['orders', 'orders_archive', 'baskets', 'returns', 'postgres'],
  },
  {
    ...{ name: 'billing-pg', ...postgresql, ...eu, owner: 'team-billing', typicalGigabytes: 45, growth: 'month_end' },
    databases: ['invoices', 'dunning', 'payments', 'tax_tables', 'ledger_export', 'postgres'],
  },
  {
    ...{ name: 'identity-pg', ...postgresql, ...eu, owner: 'platform', typicalGigabytes: 8 },
    databases: ['accounts', 'sessions', 'consents', 'audit', 'postgres'],
  },
  {
    ...{ name: 'catalogue-pg', ...postgresql, ...eu, owner: 'team-commerce', typicalGigabytes: 25 },
    databases: ['products', 'prices', 'media_index', 'suppliers', 'recommendations', 'postgres'],
  },
  {
    ...{ name: 'analytics-pg', ...postgresql, ...eu, owner: 'team-analytics', typicalGigabytes: 420, growth: 'loaded' },
    databases: ['events', 'sessions_rollup', 'experiments', 'attribution', 'sandbox', 'postgres'],
  },
  {
    ...{ name: 'tenants-eu-pg', ...postgresql, ...eu, owner: 'platform', typicalGigabytes: 6 },
    databases: [...each('tenant', 0, 45), 'postgres'],
  },
  {
    ...{ name: 'tenants-us-pg', ...postgresql, ...us, owner: 'platform', typicalGigabytes: 5 },
    databases: [...each('tenant', 5, 45), 'postgres'],
  },
  {
    ...{ name: 'tenants-ap-pg', ...postgresql, ...ap, owner: 'platform', typicalGigabytes: 4 },
    databases: [...each('tenant', 15, 35), 'postgres'],
  },
  {
    ...{ name: 'messaging-pg', ...postgresql, ...eu, owner: 'platform', typicalGigabytes: 70, growth: 'purged' },
    databases: ['outbox', 'mail', 'push', 'templates', 'postgres'],
  },
  {
    ...{ name: 'sensors-pg', ...postgresql, ...ap, owner: 'team-logistics', typicalGigabytes: 150 },
    databases: [...numbered('readings_site', 24), 'devices', 'postgres'],
  },
  {
    ...{ name: 'maps-pg', ...postgresql, ...eu, owner: 'team-logistics', typicalGigabytes: 110, growth: 'fixed' },
    databases: ['tiles', 'addresses', 'routing', 'postgres'],
  },
  {
    ...{ name: 'staging-pg', ...postgresql, ...staging, owner: 'platform', typicalGigabytes: 3 },
    databases: [...numbered('orders_branch', 24), 'postgres'],
  },
  {
    ...{ name: 'development-pg', ...postgresql, ...test, owner: null, typicalGigabytes: 0.4 },
    databases: [...each('dev', 0, 45), 'postgres'],
  },
  {
    ...{ name: 'shop-eu-mysql', ...mysql, ...eu, owner: 'team-commerce', typicalGigabytes: 85, growth: 'visitors' },
    databases: ['shop_de', 'shop_fr', 'shop_it', 'shop_nl', 'shop_es', 'shop_pl', 'shop_shared'],
  },
  {
    ...{ name: 'shop-us-mysql', ...mysql, ...us, owner: 'team-commerce', typicalGigabytes: 120, growth: 'visitors' },
    databases: ['shop_us', 'shop_ca', 'shop_mx', 'shop_shared'],
  },
  {
    ...{ name: 'shop-ap-mysql', ...mysql, ...ap, owner: 'team-commerce', typicalGigabytes: 70, growth: 'visitors' },
    databases: ['shop_sg', 'shop_jp', 'shop_au', 'shop_shared'],
  },
  {
    ...{ name: 'cms-mariadb', ...mariadb, ...eu, owner: 'team-commerce', typicalGigabytes: 4 },
    databases: numbered('cms_site', 45),
  },
  {
    ...{ name: 'blogs-mariadb', ...mariadb, ...eu, owner: 'team-commerce', typicalGigabytes: 1 },
    databases: each('wp', 0, 45),
  },
  {
    ...{ name: 'crm-mysql', ...mysql, ...eu, owner: 'team-sales', typicalGigabytes: 38 },
    databases: ['crm', 'crm_history', 'campaigns', 'leads', 'telephony', 'scoring'],
  },
  {
    ...{ name: 'ticketing-mysql', ...mysql, ...eu, owner: 'team-support', typicalGigabytes: 55, growth: 'purged' },
    databases: ['tickets', 'attachments', 'knowledge', 'surveys'],
  },
  {
    ...{ name: 'tracking-mysql', ...mysql, ...eu, owner: 'team-logistics', typicalGigabytes: 95 },
    databases: [...numbered('parcels', 24), 'depots'],
  },
  {
    ...{ name: 'loyalty-mysql', ...mysql, ...us, owner: 'team-commerce', typicalGigabytes: 30, growth: 'visitors' },
    databases: ['points', 'members', 'partners', 'rewards'],
  },
  {
    ...{ name: 'forum-mariadb', ...mariadb, ...eu, owner: 'team-support', typicalGigabytes: 18 },
    databases: ['forum', 'forum_search', 'wiki'],
  },
  {
    ...{ name: 'monitoring-mysql', ...mysql, ...eu, owner: 'platform', typicalGigabytes: 60, growth: 'purged' },
    databases: ['zabbix', 'grafana', 'inventory'],
  },
  {
    ...{ name: 'staging-mysql', ...mysql, ...staging, owner: 'team-commerce', typicalGigabytes: 5 },
    databases: numbered('shop_branch', 24),
  },
  {
    ...{ name: 'erp-sql', ...sqlserver, ...eu, owner: 'team-finance', typicalGigabytes: 180, growth: 'month_end' },
    databases: ['ERP', 'ERP_Archive', 'ERP_Reporting', 'EDI', 'master', 'msdb'],
  },
  {
    ...{ name: 'erp-us-sql', ...sqlserver, ...us, owner: 'team-finance', typicalGigabytes: 110, growth: 'month_end' },
    databases: ['ERP', 'ERP_Archive', 'EDI', 'master', 'msdb'],
  },
  {
    ...{ name: 'hr-sql', ...sqlserver, ...eu, owner: 'team-people', typicalGigabytes: 22, growth: 'month_end' },
    databases: ['Payroll', 'Recruiting', 'TimeTracking', 'Documents', 'master', 'msdb'],
  },
  {
    ...{ name: 'warehouse-sql', ...sqlserver, ...eu, owner: 'team-logistics', typicalGigabytes: 75 },
    databases: [...numbered('WMS_Site', 15), 'Labels', 'master', 'msdb'],
  },
  {
    ...{ name: 'reporting-sql', ...sqlserver, ...eu, owner: 'team-analytics', typicalGigabytes: 240 },
    databases: ['Reports', 'Staging', 'Cubes', 'ReportServer', 'master', 'msdb'],
  },
  {
    ...{ name: 'sharepoint-sql', ...sqlserver, ...eu, owner: 'platform', typicalGigabytes: 65 },
    databases: [...numbered('WSS_Content', 18), 'SharePoint_Config', 'master', 'msdb'],
  },
  {
    ...{ name: 'stores-sql', ...sqlserver, ...us, owner: 'team-commerce', typicalGigabytes: 14, growth: 'purged' },
    databases: [...numbered('POS_Store', 80), 'master', 'msdb'],
  },
  {
    ...{ name: 'staging-sql', ...sqlserver, ...staging, owner: 'team-finance', typicalGigabytes: 12 },
    databases: ['ERP_Test', 'ERP_Training', 'Payroll_Test', 'master', 'msdb'],
  },
  {
    ...{ name: 'core-ora', ...oracle, ...eu, owner: 'team-finance', typicalGigabytes: 320 },
    databases: ['CDB$ROOT', 'LEDGER', 'TREASURY', 'RISK', 'CONSOLIDATION'],
  },
  {
    ...{ name: 'policies-ora', ...oracle, ...eu, owner: 'team-billing', typicalGigabytes: 210, growth: 'month_end' },
    databases: ['CDB$ROOT', 'CONTRACTS', 'CLAIMS', 'PARTNERS'],
  },
  {
    ...{ name: 'transport-ora', ...oracle, ...ap, owner: 'team-logistics', typicalGigabytes: 140 },
    databases: ['CDB$ROOT', 'FLEET', 'CUSTOMS', 'TARIFFS', 'PLANNING'],
  },
  {
    ...{ name: 'archive-ora', ...oracle, ...eu, owner: 'platform', typicalGigabytes: 900, growth: 'fixed' },
    databases: ['CDB$ROOT', 'LEGACY_ERP', 'LEGACY_CRM', 'MAIL_JOURNAL'],
  },
  {
    ...{ name: 'warehouse-ora', ...oracle, ...us, owner: 'team-analytics', typicalGigabytes: 1500 },
    databases: ['CDB$ROOT', 'DWH', 'DWH_STAGE', 'DATAMARTS'],
  },
  {
    ...{ name: 'test-ora', ...oracle, ...test, owner: 'team-finance', typicalGigabytes: 15 },
    databases: ['CDB$ROOT', ...numbered('LEDGER_TEST', 5)],
  },
];
