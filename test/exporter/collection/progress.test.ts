import { describe, expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { barProgress, logOutcome } from '../../../exporter/src/collection/progress.ts';
import type { CollectionRecord, RecordOutcome } from '../../../exporter/src/store/records.ts';
import { collectingLogger } from '../../support/collection-fixtures.ts';

const succeeded: RecordOutcome = { status: 'succeeded', databasesMeasured: 7, failures: [], warnings: [], error: null };
const partial: RecordOutcome = {
  ...succeeded,
  status: 'partial',
  failures: [{ databaseName: 'sales', code: 'permission_denied', message: 'run GRANT CONNECT …' }],
  warnings: [{ databaseName: null, code: 'permission_denied', message: 'run GRANT PROCESS …' }],
};
const failed: RecordOutcome = {
  ...succeeded,
  status: 'failed',
  databasesMeasured: 0,
  error: { code: 'access_denied', message: 'db1:5432: access denied' },
};

const outcomes = Object.entries({ a: succeeded, b: partial, c: failed });

const record = (instanceName: string, { error, ...outcome }: RecordOutcome): CollectionRecord =>
  ({ ...outcome, instanceName, errorMessage: error?.message ?? null }) as CollectionRecord;

test('the log has a line for each instance, and a warning with its remedy for each problem', () => {
  const { log, lines } = collectingLogger();
  for (const [instance, outcome] of outcomes) {
    logOutcome(log.child({ session: 12, instance }), outcome, { attempt: 1, milliseconds: 150 });
  }
  const common = { session: 12, timed: 'number' };
  const measured = { attempt: 1, milliseconds: 150, msg: 'instance collected' };
  expect(lines.map(({ time, ...line }) => ({ ...line, timed: typeof time }))).toEqual([
    { ...common, ...measured, level: 30, instance: 'a', status: 'succeeded', databases: 7 },
    { ...common, ...measured, level: 30, instance: 'b', status: 'partial', databases: 7 },
    {
      ...{ ...common, level: 40, instance: 'b', database: 'sales', code: 'permission_denied' },
      msg: 'run GRANT CONNECT …',
    },
    { ...common, level: 40, instance: 'b', database: null, code: 'permission_denied', msg: 'run GRANT PROCESS …' },
    {
      ...{ ...common, ...measured, level: 40, instance: 'c', status: 'failed', databases: 0 },
      ...{ code: 'access_denied', msg: 'db1:5432: access denied' },
    },
  ]);
});

describe('on a terminal', () => {
  test('a bar counts the instances, and what went wrong is said below it', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 30 });
    let written = '';
    stream.on('data', (chunk: Buffer) => (written += chunk.toString()));
    const progress = barProgress(stream as unknown as NodeJS.WriteStream);
    progress.started(12, 3);
    for (const [instance, outcome] of outcomes) progress.finishedInstance(record(instance, outcome));
    progress.finished();
    stream.resume();
    written += String(stream.read() ?? '');
    expect(written).toContain('3/3 instances');
    const problems = written.slice(written.lastIndexOf('instances'));
    expect(problems).toContain('  b › sales: run GRANT CONNECT …\n');
    expect(problems).toContain('  b: run GRANT PROCESS …\n');
    expect(problems).toContain('  c: db1:5432: access denied\n');
    expect(problems).not.toContain('a:');
  });
});
