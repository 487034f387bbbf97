import { describe, expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { createLogger } from '../../exporter/src/log.ts';

/** The lines that the logger writes while the work is done. */
function linesOf(level: string, work: (log: ReturnType<typeof createLogger>) => void): string[] {
  const stream = new PassThrough();
  work(createLogger(level, stream as unknown as NodeJS.WriteStream));
  const text = (stream.read() as Buffer | null)?.toString() ?? '';
  return text.split('\n').filter((line) => line !== '');
}

describe('the log', () => {
  test('is JSON, one line an event, with the fields', () => {
    const lines = linesOf('info', (log) => {
      log.info({ instance: 'orders' }, 'collected');
      log.warn('careful');
    });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), instance: 'orders', msg: 'collected' },
      { level: 'warn', time: expect.stringMatching(/^\d{4}-.*Z$/), msg: 'careful' },
    ]);
  });

  test('leaves out what is below its level', () => {
    const lines = linesOf('warn', (log) => {
      log.info('not written');
      log.error('written');
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('written');
    expect(linesOf('silent', (log) => log.error('not written'))).toEqual([]);
  });

  test('masks what is named like a secret, whoever hands it over', () => {
    const value = 'canary-4711';
    const [line = ''] = linesOf('info', (log) =>
      log.info(
        { password: value, token: value, login: { password: value, token: value }, headers: { authorization: value } },
        'login',
      ),
    );
    expect(line).not.toContain(value);
    expect(JSON.parse(line)).toMatchObject({
      password: '******',
      token: '******',
      login: { password: '******', token: '******' },
      headers: { authorization: '******' },
    });
  });
});
