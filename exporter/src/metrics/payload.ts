import { createHash } from 'node:crypto';
import {
  databaseFamilies,
  instanceCounters,
  instanceFamilies,
  jobFamilies,
  rowLabels,
  type Family,
} from './families.ts';
import type { FleetState } from './fleet-state.ts';
import { deflatePiece, emptyPrefix, withPiece, type GzipPrefix } from './gzip.ts';
import { databaseColumns, sampleLines, type DatabaseSamples } from './samples.ts';
import { header, labelText, type Format } from './text.ts';

/** What is the same for every scrape until something changes. */
export interface Payload {
  readonly formats: Readonly<Record<Format, PayloadText>>;
  /** Of the content: exporters that show the same have the same. */
  readonly etag: string;
  readonly series: SeriesCount;
}

export interface PayloadText {
  readonly text: readonly Buffer[];
  readonly gzip: GzipPrefix;
}

export interface SeriesCount {
  readonly shown: number;
  /** Of databases that are left out, because there would be more series than are allowed. */
  readonly dropped: number;
}

/** Renders the fleet: called once for each change. */
export async function renderPayload(state: FleetState, maxSeries: number): Promise<Payload> {
  const { dropped, series } = chooseDatabases(state, maxSeries);
  const gauges = Buffer.concat([...instanceText(state), ...databaseText(state, dropped)]);
  const counters = {
    text: Buffer.concat([...counterText(state, 'text')]),
    openmetrics: Buffer.concat([...counterText(state, 'openmetrics')]),
  };
  // Nearly all of it is the same in both formats: it is kept and compressed once.
  const shared = withPiece(emptyPrefix, gauges, await deflatePiece(gauges));
  const withCounters = async (format: Format): Promise<PayloadText> => ({
    text: [gauges, counters[format]],
    gzip: withPiece(shared, counters[format], await deflatePiece(counters[format])),
  });
  return {
    formats: { text: await withCounters('text'), openmetrics: await withCounters('openmetrics') },
    etag: createHash('sha1').update(gauges).update(counters.text).digest('base64url'),
    series,
  };
}

/**
 * Where there are more series than allowed, the smallest databases are left out, each with all of its series. What concerns
 * instances and jobs is always there.
 */
function chooseDatabases(
  state: FleetState,
  maxSeries: number,
): { dropped: ReadonlySet<DatabaseSamples>; series: SeriesCount } {
  const ofInstances = state.instances.reduce(
    (sum, { gauges, counters }) => sum + [...gauges, ...counters].reduce((lines, part) => lines + part.length, 0),
    jobLines(state).reduce((lines, part) => lines + part.length, 0),
  );
  const databases = state.instances.flatMap((instance) => instance.databases);
  const total = databases.reduce((sum, { count }) => sum + count, ofInstances);
  if (total <= maxSeries) return { dropped: new Set(), series: { shown: total, dropped: 0 } };
  const dropped = new Set<DatabaseSamples>();
  let shown = ofInstances;
  let isFull = false;
  for (const database of databases.sort(largestFirst)) {
    isFull ||= shown + database.count > maxSeries;
    if (isFull) dropped.add(database);
    else shown += database.count;
  }
  return { dropped, series: { shown, dropped: total - shown } };
}

/** The same order on every exporter, whatever the order of its instances. */
function largestFirst(one: DatabaseSamples, other: DatabaseSamples): number {
  return other.sizeBytes - one.sizeBytes || (one.labels < other.labels ? -1 : 1);
}

function* databaseText({ instances }: FleetState, dropped: ReadonlySet<DatabaseSamples>): Generator<Buffer> {
  for (const family of databaseFamilies) {
    const columns = databaseColumns.flatMap((column, index) =>
      column.family === family ? [{ index, labels: column.labels }] : [],
    );
    const lines: string[] = [header(family, 'text')];
    for (const { databases } of instances) {
      for (const database of databases) {
        if (dropped.has(database)) continue;
        for (const { index, labels } of columns) {
          const value = database.values[index] ?? NaN;
          if (!Number.isNaN(value)) lines.push(`${family.name}{${database.labels}${labels}} ${value}\n`);
        }
      }
    }
    if (lines.length > 1) yield Buffer.from(lines.join(''));
  }
}

function* instanceText(state: FleetState): Generator<Buffer> {
  const rows = state.instances.map((instance) => instance.gauges);
  for (const [index, family] of instanceFamilies.entries()) {
    yield* familyText(
      family,
      rows.flatMap((lines) => lines[index] ?? []),
      'text',
    );
  }
  const jobs = jobLines(state);
  for (const [index, family] of jobFamilies.entries()) yield* familyText(family, jobs[index] ?? [], 'text');
}

function* counterText({ instances }: FleetState, format: Format): Generator<Buffer> {
  for (const [index, family] of instanceCounters.entries()) {
    yield* familyText(
      family,
      instances.flatMap((instance) => instance.counters[index] ?? []),
      format,
    );
  }
}

function jobLines({ jobs }: FleetState): string[][] {
  return jobFamilies.map((family) =>
    jobs.flatMap((job) => sampleLines(family, labelText(rowLabels.job, [job.job]), job)),
  );
}

/** Nothing where there are no samples. */
function* familyText<Row>(family: Family<Row>, lines: readonly string[], format: Format): Generator<Buffer> {
  if (lines.length > 0) yield Buffer.from(header(family, format) + lines.join(''));
}
