import { z } from 'zod';
import { messageOf, TidemarkError } from '../errors.ts';
import { groupWindows, windowsOf, type DayWindow } from './days.ts';
import type { PrometheusSource } from './prometheus-sources.ts';
import type { PastMeasurement, PastMeasurements } from './rows.ts';

/** What is read, and from where. */
export interface PrometheusRequest {
  /** Of the server, with the path before `/api/v1` where there is one. */
  readonly url: string;
  /** Names of known sources; those of which the server has something when empty. */
  readonly sources: readonly PrometheusSource[];
  readonly headers: Readonly<Record<string, string>>;
  /** YYYY-MM-DD, both included. */
  readonly fromDay: string;
  readonly toDay: string;
  readonly timezone: string;
  /** For one query, in milliseconds. */
  readonly deadline: number;
}

/** Days in one query: what a server computes and sends stays small. */
const daysPerQuery = 40;

const answerSchema = z.object({
  status: z.enum(['success', 'error']),
  error: z.string().optional(),
  data: z
    .object({
      result: z.array(
        z.object({
          metric: z.record(z.string(), z.string()),
          values: z.array(z.tuple([z.number(), z.string()])),
        }),
      ),
    })
    .optional(),
});

type Series = NonNullable<z.output<typeof answerSchema>['data']>['result'][number];

/**
 * Reads the last value of each day of the configured time zone, for every series of the sources.
 * @throws TidemarkError `usage` where the server does not answer, refuses, or has nothing
 */
export async function readPrometheus(request: PrometheusRequest): Promise<PastMeasurements> {
  const windows = windowsOf(request.fromDay, request.toDay, request.timezone);
  const rows: PastMeasurement[] = [];
  const notes: string[] = [];
  for (const source of request.sources) {
    const read = new SourceReader(source);
    for (const group of groupWindows(windows, daysPerQuery)) {
      for (const series of await query(request, source, group)) read.add(series, group);
    }
    if (read.rows.length > 0 || request.sources.length === 1) notes.push(...read.notes());
    for (const row of read.rows) rows.push(row);
  }
  if (rows.length === 0) {
    const names = request.sources.map(({ expression }) => expression).join(', ');
    const message = `${request.url} has no values of ${names} from ${request.fromDay} to ${request.toDay}`;
    throw new TidemarkError('usage', `${message}: look at --from, or name an own --query`);
  }
  return { rows, notes };
}

async function query(
  request: PrometheusRequest,
  source: PrometheusSource,
  group: readonly DayWindow[],
): Promise<Series[]> {
  const [first] = group;
  const last = group.at(-1);
  if (first === undefined || last === undefined) return [];
  const url = new URL(`${request.url.replace(/\/+$/, '')}/api/v1/query_range`);
  const body = new URLSearchParams({
    query: source.overDay(`${first.length}ms`),
    start: String(first.end / 1000),
    end: String(last.end / 1000),
    step: '86400',
  });
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      ...{ method: 'POST', body, headers: request.headers, redirect: 'error' },
      signal: AbortSignal.timeout(request.deadline),
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
    throw new TidemarkError('usage', `${request.url} does not answer (${cause}): check the address`, { cause: error });
  }
  const answer = parseAnswer(text);
  if (status === 401 || status === 403) {
    throw new TidemarkError('usage', `${request.url} refuses us (HTTP ${status}): give --token or --username`);
  }
  if (answer?.data === undefined) {
    const reason = answer?.error ?? `HTTP ${status}, and no answer that Prometheus gives`;
    throw new TidemarkError('usage', `${request.url} does not answer the query ${source.expression}: ${reason}`);
  }
  return answer.data.result;
}

function parseAnswer(text: string): z.output<typeof answerSchema> | null {
  try {
    return answerSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Puts the series of one source together: a database is one row a day, whatever number of series it is made of. */
class SourceReader {
  readonly #source: PrometheusSource;
  readonly #rows = new Map<string, PastMeasurement>();
  readonly #leftOut = new Set<string>();
  #unlabelled = 0;
  #unusable = 0;

  constructor(source: PrometheusSource) {
    this.#source = source;
  }

  get rows(): PastMeasurement[] {
    return [...this.#rows.values()];
  }

  add({ metric, values }: Series, group: readonly DayWindow[]): void {
    const { instanceLabel, databaseLabel, leaveOut } = this.#source;
    const instanceName = metric[instanceLabel] ?? '';
    const databaseName = metric[databaseLabel] ?? '';
    if (instanceName === '' || databaseName === '') {
      this.#unlabelled += 1;
      return;
    }
    if (leaveOut.has(databaseName)) {
      this.#leftOut.add(databaseName);
      return;
    }
    const days = new Map(group.map((window) => [window.end, window]));
    for (const [seconds, text] of values) {
      const window = days.get(Math.round(seconds * 1000));
      const bytes = Math.round(Number(text));
      if (window === undefined || !Number.isSafeInteger(bytes) || bytes < 0) {
        this.#unusable += 1;
        continue;
      }
      this.#addValue({ instanceName, databaseName, ...window }, metric, bytes);
    }
  }

  #addValue(
    { instanceName, databaseName, date, end }: { instanceName: string; databaseName: string } & DayWindow,
    metric: Readonly<Record<string, string>>,
    bytes: number,
  ): void {
    const key = JSON.stringify([instanceName, databaseName, date]);
    const row = this.#rows.get(key) ?? {
      ...{ instanceName, databaseName, collectedDate: date, collectedAt: new Date(end), sizeBytes: 0 },
      ...{ dataBytes: null, logBytes: null, indexBytes: null, tempBytes: null, usedBytes: null, limitBytes: null },
      engine: this.#source.engine,
      method: this.#source.method,
      place: `${this.#source.name} ${instanceName}`,
    };
    this.#rows.set(key, this.#source.withValue(row, metric, bytes));
  }

  notes(): string[] {
    const { name, instanceLabel, databaseLabel } = this.#source;
    const notes: string[] = [];
    if (this.#leftOut.size > 0) {
      notes.push(`${name}: left out, as collections do: ${[...this.#leftOut].sort().join(', ')}`);
    }
    if (this.#unlabelled > 0) {
      notes.push(`${name}: ${this.#unlabelled} series lack the label ${instanceLabel} or ${databaseLabel}`);
    }
    if (this.#unusable > 0) notes.push(`${name}: ${this.#unusable} values are no number of bytes`);
    return notes;
  }
}
