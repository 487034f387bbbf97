import { describe, expect, test } from '@jest/globals';
import { instanceSchema } from '../../../exporter/src/config/file.ts';
import { ConfigurationError, issuesOf } from '../../../exporter/src/config/issues.ts';

const wrong = { name: 'a', engine: 'mysql', host: 'h', username: 'u', port: 0, tls: { mode: 'x' }, include: ['*', ''] };

describe('the issues of a configuration', () => {
  const { error } = instanceSchema.safeParse(wrong);
  if (error === undefined) throw new Error('the instance was accepted');

  test('are named as a user writes the keys', () => {
    expect(issuesOf(error).map((issue) => issue.key)).toEqual(['port', 'tls.mode', 'include[1]']);
    expect(issuesOf(error, 'instances[2]').map((issue) => issue.key)).toEqual([
      'instances[2].port',
      'instances[2].tls.mode',
      'instances[2].include[1]',
    ]);
  });

  test('make an error with one line each', () => {
    const issues = [
      { key: 'TIDEMARK_PORT', problem: 'expected a whole number' },
      { key: 'instances[0].host', problem: 'expected a text' },
    ];
    const failure = new ConfigurationError(issues);
    expect(failure).toMatchObject({
      code: 'configuration_invalid',
      name: 'ConfigurationError',
      issues,
      details: issues,
    });
    expect(failure.message.split('\n')).toEqual([
      'the configuration cannot be used:',
      '  TIDEMARK_PORT: expected a whole number',
      '  instances[0].host: expected a text',
    ]);
  });
});
