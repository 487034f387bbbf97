import type { Method } from '../engines/engine.ts';
import type { PastMeasurement } from './rows.ts';

/** A metric that tells sizes of databases, and how to read it. */
export interface PrometheusSource {
  readonly name: string;
  /** As it is shown. */
  readonly expression: string;
  /** PromQL for the last value of each series within a time before the moment of evaluation, such as `86400000ms`. */
  overDay(length: string): string;
  readonly instanceLabel: string;
  readonly databaseLabel: string;
  /** Of the instances that its exporter watches; null: any. */
  readonly engine: string | null;
  readonly method: Method;
  /** Databases that collections do not measure either. */
  readonly leaveOut: ReadonlySet<string>;
  /** The row with the value of a further series of the same database and day. */
  withValue(row: PastMeasurement, labels: Readonly<Record<string, string>>, bytes: number): PastMeasurement;
}

/**
 * What an expression gives at the end of a day, else the last that it gave before: looked at as often as Prometheus looks back
 * for a sample, so that none is missed.
 */
function lastOfExpression(expression: string): (length: string) => string {
  return (length) => `(${expression}) or last_over_time((${expression})[${length}:5m])`;
}

function plus(bytes: number | null, more: number): number {
  return (bytes ?? 0) + more;
}

/** The exporters that many have; a further one is one entry here. */
export const prometheusSources: readonly PrometheusSource[] = [
  {
    name: 'postgres_exporter',
    expression: 'pg_database_size_bytes',
    overDay: (length) => `last_over_time(pg_database_size_bytes[${length}])`,
    instanceLabel: 'instance',
    databaseLabel: 'datname',
    engine: 'postgresql',
    method: 'exact',
    leaveOut: new Set(['template0', 'template1']),
    withValue: (row, _labels, bytes) => ({ ...row, sizeBytes: bytes, dataBytes: bytes }),
  },
  {
    name: 'mysqld_exporter',
    expression: 'mysql_info_schema_table_size',
    overDay: lastOfExpression('sum by (instance, schema, component) (mysql_info_schema_table_size)'),
    instanceLabel: 'instance',
    databaseLabel: 'schema',
    engine: 'mysql',
    method: 'estimate',
    leaveOut: new Set(['information_schema', 'performance_schema', 'mysql', 'sys']),
    withValue: (row, { component }, bytes) => {
      const sizeBytes = row.sizeBytes + bytes;
      const dataBytes = component === 'data_length' ? plus(row.dataBytes, bytes) : row.dataBytes;
      const indexBytes = component === 'index_length' ? plus(row.indexBytes, bytes) : row.indexBytes;
      // data_free is allocated, not used.
      const usedBytes = component === 'data_free' ? row.usedBytes : plus(row.usedBytes, bytes);
      return { ...row, sizeBytes, dataBytes, indexBytes, usedBytes };
    },
  },
  {
    name: 'tidemark',
    expression: 'tidemark_database_size_bytes',
    overDay: (length) => `last_over_time(tidemark_database_size_bytes[${length}])`,
    instanceLabel: 'db_instance',
    databaseLabel: 'database',
    engine: null,
    method: 'exact',
    leaveOut: new Set(),
    withValue: (row, { type }, bytes) => ({
      ...row,
      sizeBytes: row.sizeBytes + bytes,
      ...(type === 'data' ? { dataBytes: bytes } : {}),
      ...(type === 'log' ? { logBytes: bytes } : {}),
      ...(type === 'index' ? { indexBytes: bytes } : {}),
      ...(type === 'temp' ? { tempBytes: bytes } : {}),
    }),
  },
];

/** An expression of the user, one series a database. */
export function ownSource(expression: string, instanceLabel: string, databaseLabel: string): PrometheusSource {
  return {
    name: 'query',
    expression,
    overDay: lastOfExpression(expression),
    ...{ instanceLabel, databaseLabel },
    engine: null,
    method: 'exact',
    leaveOut: new Set(),
    // Series that differ in other labels are parts of one database.
    withValue: (row, _labels, bytes) => ({ ...row, sizeBytes: row.sizeBytes + bytes }),
  };
}
