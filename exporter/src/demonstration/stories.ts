import type { Growth } from './growth.ts';

/** What is special about one database; days count from the beginning of the demonstration. */
export interface DatabaseStory {
  readonly growth?: Growth;
  /** Multiplies the typical size of its server. */
  readonly times?: number;
  readonly dailyShare?: number;
  /** First and last day on which it exists. */
  readonly appears?: number;
  readonly leaves?: number;
  readonly eventDay?: number;
  /** Its transaction log is not backed up from one day to another, and grows. */
  readonly runawayLog?: readonly { readonly from: number; readonly to: number }[];
  /** The day on which it reaches its limit, if it goes on as planned. */
  readonly fullOn?: number;
}

/** The stories that the demonstration tells, by server and database. A fresh demonstration ends on day 399. */
export const databaseStories: Readonly<Record<string, Readonly<Record<string, DatabaseStory>>>> = {
  'orders-pg': {
    orders: { times: 9, growth: 'steady', dailyShare: 0.0016 },
    orders_archive: { times: 14, growth: 'fixed' },
  },
  'analytics-pg': {
    events: { times: 8, growth: 'accelerating', dailyShare: 0.0009 },
    sandbox: { times: 1.5, growth: 'shrunk', dailyShare: 0.006, eventDay: 371 },
  },
  'messaging-pg': { outbox: { times: 2, growth: 'purged', dailyShare: 0.004 } },
  'tenants-eu-pg': {
    tenant_quince: { appears: 248, growth: 'accelerating', dailyShare: 0.02, times: 1.2 },
    tenant_elder: { leaves: 331, times: 3 },
    tenant_oak: { times: 12, growth: 'steady', dailyShare: 0.003 },
    tenant_yew: { appears: 392, times: 0.3, dailyShare: 0.05 },
  },
  'tenants-us-pg': { tenant_sumac: { appears: 120, times: 2, dailyShare: 0.008 }, tenant_holly: { leaves: 388 } },
  'tenants-ap-pg': { tenant_lotus: { appears: 300, times: 2, growth: 'loaded', eventDay: 340, dailyShare: 0.004 } },
  'staging-pg': {
    orders_branch_03: { leaves: 60 },
    orders_branch_07: { appears: 200, leaves: 230 },
    orders_branch_11: { appears: 310 },
    orders_branch_19: { appears: 345, leaves: 396 },
  },
  'shop-us-mysql': { shop_us: { times: 5, growth: 'visitors', dailyShare: 0.0012 } },
  'crm-mysql': { crm_history: { times: 6, growth: 'loaded', eventDay: 262, dailyShare: 0.001 } },
  'ticketing-mysql': { attachments: { times: 7, growth: 'accelerating', dailyShare: 0.0007 } },
  'erp-sql': {
    ERP: { times: 6, fullOn: 446, dailyShare: 0.0011 },
    ERP_Reporting: { runawayLog: [{ from: 150, to: 162 }] },
  },
  'warehouse-sql': { WMS_Site_03: { runawayLog: [{ from: 386, to: 100_000 }] } },
  'reporting-sql': { Reports: { times: 3, fullOn: 418, growth: 'steady', dailyShare: 0.0019 } },
  'hr-sql': { Payroll: { times: 1.6, fullOn: 520 } },
  'core-ora': { LEDGER: { times: 5, growth: 'month_end', fullOn: 431, dailyShare: 0.0013 } },
  'warehouse-ora': { DWH: { times: 4, growth: 'accelerating', dailyShare: 0.0006, fullOn: 480 } },
  'archive-ora': { MAIL_JOURNAL: { times: 2, growth: 'steady', dailyShare: 0.0009, fullOn: 590 } },
};

/** A spell in which a server could not be measured; days count from the beginning, both included. */
export interface Incident {
  readonly server: string;
  readonly from: number;
  readonly to: number;
  readonly kind: 'refused' | 'denied' | 'timeout' | 'lost' | 'crowded';
}

/** Nights on which the exporter itself did not run: nothing was measured anywhere. */
export const darkNights: readonly number[] = [131, 132];

export const incidents: readonly Incident[] = [
  { server: 'crm-mysql', from: 297, to: 300, kind: 'denied' },
  { server: 'maps-pg', from: 88, to: 89, kind: 'refused' },
  { server: 'shop-ap-mysql', from: 205, to: 205, kind: 'timeout' },
  { server: 'sensors-pg', from: 205, to: 205, kind: 'timeout' },
  { server: 'tenants-ap-pg', from: 205, to: 205, kind: 'timeout' },
  { server: 'transport-ora', from: 205, to: 205, kind: 'timeout' },
  { server: 'development-pg', from: 340, to: 343, kind: 'refused' },
  { server: 'stores-sql', from: 372, to: 372, kind: 'crowded' },
  // Nobody has told the exporter the new password yet.
  { server: 'hr-sql', from: 397, to: 405, kind: 'denied' },
];

/** How often any other measurement of a server fails for a night. */
export const occasionalFailures = 0.004;
