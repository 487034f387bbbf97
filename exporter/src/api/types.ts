import type { z } from 'zod';
import type * as collections from './collections.schemas.ts';
import type * as databaseSizes from './database-sizes.schemas.ts';
import type * as growthSchemas from './growth.schemas.ts';
import type * as instances from './instances.schemas.ts';
import type * as service from './service.schemas.ts';
import type * as tokens from './tokens.schemas.ts';
import type { pageInfo } from './routing/response.ts';

/** The types of all answers, for clients: `import type` from here. They are those of the schemas that answers are checked with. */

export type Me = z.output<typeof service.me>;
export type Engine = z.output<typeof service.engine>;
export type AuditEntry = z.output<typeof service.auditEntry>;
export type Token = z.output<typeof tokens.token>;
export type IssuedToken = z.output<typeof tokens.issuedToken>;

export type Instance = z.output<typeof instances.instance>;
export type ConnectionTest = z.output<typeof instances.connectionTest>;
export type Finding = z.output<typeof instances.finding>;

export type DatabaseHistory = z.output<typeof databaseSizes.databaseHistory>;
export type HistoryPoint = z.output<typeof databaseSizes.historyPoint>;
export type PeriodStatistics = z.output<typeof databaseSizes.periodStatistics>;
export type Trends = z.output<typeof databaseSizes.trends>;

export type Growth = z.output<typeof growthSchemas.growth>;
export type DailyTotals = z.output<typeof growthSchemas.totalsSeries>;
export type Change = z.output<typeof growthSchemas.change>;

export type Session = z.output<typeof collections.session>;
export type StartedSession = z.output<typeof collections.startedSession>;
export type CollectionRecord = z.output<typeof collections.record>;

/** `{"data": …}` */
export interface Data<T> {
  readonly data: T;
}

/** `{"data": […], "page": {…}}` */
export interface Page<T> {
  readonly data: readonly T[];
  readonly page: z.output<typeof pageInfo>;
}
