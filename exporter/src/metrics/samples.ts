import { labelText, numberText } from './text.ts';
import { databaseFamilies, rowLabels, type DatabaseState, type Family } from './families.ts';

/** One sample that every database has a place for. */
interface Column {
  readonly family: Family<DatabaseState>;
  /** What comes after the labels of the database. */
  readonly labels: string;
}

/** The samples of all databases, in the order of their families. */
export const databaseColumns: readonly Column[] = databaseFamilies.flatMap((family) =>
  family.samples(emptyDatabase()).map(([values]) => {
    const labels = labelText(family.labelNames, values);
    return { family, labels: labels === '' ? '' : `,${labels}` };
  }),
);

/** What is kept of a database: as little as its lines can be made from. 50 000 of them are a few megabytes. */
export interface DatabaseSamples {
  /** The labels that all of its samples begin with. */
  readonly labels: string;
  readonly sizeBytes: number;
  /** One for each column; NaN: no sample. */
  readonly values: readonly number[];
  /** Samples. */
  readonly count: number;
}

export function databaseSamples(row: DatabaseState): DatabaseSamples {
  const values: number[] = [];
  let count = 0;
  for (const family of databaseFamilies) {
    for (const [, value] of family.samples(row)) {
      values.push(value ?? NaN);
      if (value !== null) count += 1;
    }
  }
  const labels = labelText(rowLabels.database, [row.instanceName, row.engine, row.databaseName]);
  return { labels, sizeBytes: row.sizeBytes, values, count };
}

/** The lines of one row of a family that is not one of databases. */
export function sampleLines<Row>(family: Family<Row>, labels: string, row: Row): string[] {
  return family.samples(row).flatMap(([values, value]) => {
    if (value === null) return [];
    const own = labelText(family.labelNames, values);
    return [`${family.name}{${labels}${own === '' ? '' : `,${own}`}} ${numberText(value)}\n`];
  });
}

function emptyDatabase(): DatabaseState {
  const unknown = { logBytes: null, indexBytes: null, tempBytes: null, usedBytes: null, limitBytes: null };
  return {
    ...{ instanceId: 0, instanceName: '', engine: '', databaseName: '', sizeBytes: 0, ...unknown },
    ...{ logUsedBytes: null, logLimitBytes: null, growthBytes: [], fullAt: null },
  };
}
