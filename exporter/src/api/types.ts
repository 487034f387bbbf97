import type { z } from 'zod';
import type * as collections from './collections.schemas.ts';
import type * as credentials from './credentials.schemas.ts';
import type * as databases from './databases.schemas.ts';
import type * as databaseSizes from './database-sizes.schemas.ts';
import type * as events from './events.schemas.ts';
import type * as facetsSchemas from './facets.schemas.ts';
import type * as findings from './finding.schemas.ts';
import type * as forecasts from './forecasts.schemas.ts';
import type * as growthSchemas from './growth.schemas.ts';
import type * as instanceBodies from './instances.body.ts';
import type * as instances from './instances.schemas.ts';
import type * as repositorySchemas from './repository.schemas.ts';
import type * as settings from './settings.schemas.ts';
import type * as service from './service.schemas.ts';
import type * as storageSchemas from './storage.schemas.ts';
import type * as tokens from './tokens.schemas.ts';
import type * as seriesSchemas from './series.schemas.ts';
import type { pageInfo } from './routing/response.ts';

/** The types of all answers, for clients: `import type` from here. They are those of the schemas that answers are checked with. */

export type Me = z.output<typeof service.me>;
export type Engine = z.output<typeof service.engine>;
export type Facets = z.output<typeof facetsSchemas.facets>;
export type AuditEntry = z.output<typeof service.auditEntry>;
export type Setting = z.output<typeof settings.setting>;
export type Job = z.output<typeof settings.job>;
export type Partition = z.output<typeof repositorySchemas.partition>;
export type Repository = z.output<typeof repositorySchemas.repository>;
export type Token = z.output<typeof tokens.token>;
export type IssuedToken = z.output<typeof tokens.issuedToken>;

export type Instance = z.output<typeof instances.instance>;
export type ConnectionTest = z.output<typeof instances.connectionTest>;
export type Finding = z.output<typeof findings.finding>;

export type Credential = z.output<typeof credentials.credential>;
export type NewInstance = z.input<typeof instanceBodies.newInstance>;
export type ChangedInstance = z.input<typeof instanceBodies.changedInstance>;

export type Database = z.output<typeof databases.database>;

export type Storage = z.output<typeof storageSchemas.storage>;
export type StorageHistory = z.output<typeof storageSchemas.storageHistory>;

export type DatabaseHistory = z.output<typeof databaseSizes.databaseHistory>;
export type HistoryPoint = z.output<typeof databaseSizes.historyPoint>;
export type PeriodStatistics = z.output<typeof databaseSizes.periodStatistics>;
export type Trends = z.output<typeof databaseSizes.trends>;

export type Growth = z.output<typeof growthSchemas.growth>;
export type Series = z.output<typeof seriesSchemas.series>;
export type Change = z.output<typeof growthSchemas.change>;
export type FleetEvent = z.output<typeof events.event>;
export type PredictedForecast = z.output<typeof forecasts.predictedForecast>;
export type FleetForecast = z.output<typeof forecasts.fleetForecast>;

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
