import {
  DataSourceApi,
  LoadingState,
  type CoreApp,
  type DataQueryError,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  type ScopedVars,
  type TestDataSourceResponse,
} from '@grafana/data';

import { TidemarkClient, type Send } from '../data/client';
import { ApiError } from '../data/error';
import { annotationSupport } from './annotations';
import { checkHealth } from './health';
import { defaultQueries } from './query/defaults';
import { displayText } from './query/displayText';
import { QueryProblem } from './query/fleetFilters';
import { interpolateQuery } from './query/interpolate';
import { migrateQuery } from './query/migrate';
import { queryRange } from './query/range';
import type { TidemarkQuery } from './query/types';
import { runQuery } from './run';
import { proxySend } from './send';
import { initTranslations } from './translations';
import type { TidemarkOptions } from './types';
import { TidemarkVariableSupport } from './variables';

/** Tidemark in dashboards and Explore, and the way to the exporter for the app's own pages. */
export class TidemarkDataSource extends DataSourceApi<TidemarkQuery, TidemarkOptions> {
  /** Carries any request of the API through Grafana's proxy. */
  readonly send: Send;
  readonly client: TidemarkClient;
  override annotations = annotationSupport;
  override variables: DataSourceApi<TidemarkQuery, TidemarkOptions>['variables'];

  constructor(settings: DataSourceInstanceSettings<TidemarkOptions>) {
    super(settings);
    this.send = proxySend(settings.url ?? '');
    this.client = new TidemarkClient(this.send);
    this.variables = new TidemarkVariableSupport(this.client);
  }

  override async testDatasource(): Promise<TestDataSourceResponse> {
    await initTranslations();
    return checkHealth(this.client);
  }

  override getDefaultQuery(_app: CoreApp): Partial<TidemarkQuery> {
    return defaultQueries.series;
  }

  /** A query by label without a key is one that is being written. */
  override filterQuery(query: TidemarkQuery): boolean {
    const isByLabel = (query.queryType === 'series' || query.queryType === 'growth') && query.groupBy === 'label';
    return query.hide !== true && !(isByLabel && (query.groupLabel ?? '') === '');
  }

  override interpolateVariablesInQueries(queries: TidemarkQuery[], scopedVars: ScopedVars): TidemarkQuery[] {
    return queries.map((query) => interpolateQuery(migrateQuery(query), scopedVars));
  }

  override getQueryDisplayText(query: TidemarkQuery): string {
    return displayText(migrateQuery(query));
  }

  /** A query that fails leaves the others their answers. */
  override async query(request: DataQueryRequest<TidemarkQuery>): Promise<DataQueryResponse> {
    await initTranslations();
    const range = queryRange(request.range, request.timezone);
    const run = { client: this.client, range, points: pointsOf(request.maxDataPoints) };
    const errors: DataQueryError[] = [];
    const answers = await Promise.all(
      request.targets.map(async (saved) => {
        try {
          return await runQuery(interpolateQuery(migrateQuery(saved), request.scopedVars), run);
        } catch (error) {
          errors.push(queryError(saved.refId, error));
          return [];
        }
      }),
    );
    return {
      data: answers.flat(),
      state: errors.length > 0 ? LoadingState.Error : LoadingState.Done,
      ...(errors.length > 0 ? { errors } : {}),
    };
  }
}

/** The API takes 3 to 10 000 points a line. */
function pointsOf(maxDataPoints: number | undefined): number {
  return Math.min(10_000, Math.max(10, Math.round(maxDataPoints ?? 1000)));
}

function queryError(refId: string, error: unknown): DataQueryError {
  if (error instanceof ApiError) return { refId, message: error.message, status: error.status };
  if (error instanceof QueryProblem || error instanceof Error) return { refId, message: error.message };
  throw error;
}
