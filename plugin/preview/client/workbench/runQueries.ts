import type { CoreApp } from '@grafana/data';
import {
  applyFieldOverrides,
  type DataFrame,
  type DataQuery,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  dateTime,
  LoadingState,
  type PanelData,
  type ScopedVars,
  type TimeRange,
  toDataFrame,
} from '@grafana/data';
import { config } from '@grafana/runtime';
import { from, isObservable, lastValueFrom } from 'rxjs';

let counter = 0;

export function requestFor(
  queries: readonly DataQuery[],
  range: TimeRange,
  app: CoreApp,
  scopedVars: ScopedVars = {},
): DataQueryRequest {
  counter += 1;
  return {
    app,
    requestId: `P${counter}`,
    interval: '1d',
    intervalMs: 86_400_000,
    maxDataPoints: 1000,
    range,
    rangeRaw: range.raw,
    scopedVars,
    targets: [...queries],
    timezone: 'browser',
    startTime: dateTime().valueOf(),
  } as DataQueryRequest;
}

/** Runs queries as a panel does: hidden ones and those that the data source filters out are left away. */
export async function runQueries(source: DataSourceApi, request: DataQueryRequest): Promise<PanelData> {
  const targets = request.targets.filter((query) => query.hide !== true && (source.filterQuery?.(query) ?? true));
  if (targets.length === 0) return { state: LoadingState.Done, series: [], timeRange: request.range };
  const answer = source.query({ ...request, targets });
  const response: DataQueryResponse = await lastValueFrom(isObservable(answer) ? answer : from(answer));
  const errors = response.errors ?? (response.error === undefined ? [] : [response.error]);
  return {
    state: errors.length > 0 ? LoadingState.Error : LoadingState.Done,
    series: withDisplay(response.data.map((frame) => toDataFrame(frame))),
    errors,
    timeRange: request.range,
    request,
  };
}

function withDisplay(data: DataFrame[]): DataFrame[] {
  return applyFieldOverrides({
    data,
    fieldConfig: { defaults: {}, overrides: [] },
    replaceVariables: (text) => text,
    theme: config.theme2,
    timeZone: 'browser',
  });
}
