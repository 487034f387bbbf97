import { describe, expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { barProgress, logProgress, type Progress } from '../../../exporter/src/collection/progress.ts';
import type { Instance } from '../../../exporter/src/store/instances.ts';
import type { RecordOutcome } from '../../../exporter/src/store/sessions.ts';
import { collectingLogger } from '../../support/collection-fixtures.ts';

const instance = (name: string): Instance => ({ name }) as Instance;

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

function tell(progress: Progress): void {
  progress.started(12, 3);
  progress.finishedInstance(instance('a'), succeeded, 150);
  progress.finishedInstance(instance('b'), partial, 250);
  progress.finishedInstance(instance('c'), failed, 350);
  progress.finished();
}

test('the log has a line for each instance, and a warning with its remedy for each problem', () => {
  const { log, lines } = collectingLogger();
  tell(logProgress(log));
  expect(lines.map(({ time, ...line }) => ({ ...line, timed: typeof time }))).toEqual([
    { level: 30, timed: 'number', session: 12, instances: 3, msg: 'collection started' },
    {
      ...{ level: 30, timed: 'number', instance: 'a', status: 'succeeded', databases: 7, milliseconds: 150 },
      msg: 'instance collected',
    },
    {
      ...{ level: 30, timed: 'number', instance: 'b', status: 'partial', databases: 7, milliseconds: 250 },
      msg: 'instance collected',
    },
    {
      ...{ level: 40, timed: 'number', instance: 'b', database: 'sales', code: 'permission_denied' },
      msg: 'run GRANT CONNECT …',
    },
    {
      ...{ level: 40, timed: 'number', instance: 'b', database: null, code: 'permission_denied' },
      msg: 'run GRANT PROCESS …',
    },
    {
      ...{ level: 40, timed: 'number', instance: 'c', status: 'failed', databases: 0, milliseconds: 350 },
      ...{ code: 'access_denied', msg: 'db1:5432: access denied' },
    },
  ]);
});

describe('on a terminal', () => {
  test('a bar counts the instances, and what went wrong is said below it', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 30 });
    let written = '';
    stream.on('data', (chunk: Buffer) => (written += chunk.toString()));
    tell(barProgress(stream as unknown as NodeJS.WriteStream));
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
