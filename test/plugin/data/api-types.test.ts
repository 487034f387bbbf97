import { expect, test } from '@jest/globals';

import type * as api from '../../../exporter/src/api/types';
import type * as client from '../../../plugin/src/data';

/** Holds where whatever the exporter answers is what the client says it gets; else the types of this file do not check. */
type Answers<From extends To, To> = [From, To];

/** One line an answer: that of the schemas which the exporter checks its answers with, that of the client. */
export type Agreements = [
  Answers<api.Me, client.Me>,
  Answers<api.Engine, client.Engine>,
  Answers<api.Facets, client.Facets>,
  Answers<api.AuditEntry, client.AuditEntry>,
  Answers<api.Setting, client.Setting>,
  Answers<api.Job, client.Job>,
  Answers<api.Partition, client.Partition>,
  Answers<api.Repository, client.Repository>,
  Answers<api.Token, client.Token>,
  Answers<api.Instance, client.Instance>,
  Answers<api.ConnectionTest, client.ConnectionTest>,
  Answers<api.Credential, client.Credential>,
  Answers<api.Database, client.DatabaseRow>,
  Answers<api.Storage, client.StorageRow>,
  Answers<api.StorageHistory, client.StorageHistory>,
  Answers<api.DatabaseHistory, client.DatabaseHistory>,
  Answers<api.HistoryPoint, client.HistoryPoint>,
  Answers<api.PeriodStatistics, client.PeriodStatistics>,
  Answers<api.Trends, client.Trends>,
  Answers<api.Growth, client.GrowthRow>,
  Answers<api.Series, client.Series>,
  Answers<api.Change, client.SizeChange>,
  Answers<api.FleetEvent, client.FleetEvent>,
  Answers<api.PredictedForecast, client.PredictedForecast>,
  Answers<api.FleetForecast, client.FleetForecast>,
  Answers<api.Session, client.Session>,
  Answers<api.CollectionRecord, client.CollectionRecord>,
];

test('the client has the types of the exporter', () => {
  // npm run typecheck finds what does not agree.
  const agreements: Agreements['length'] = 27;
  expect(agreements).toBe(27);
});
