import { afterAll, describe, expect, test } from '@jest/globals';
import { defaultDeadlines } from '../../../exporter/src/config/deadlines.ts';
import { deadlinesOf, readEnvironment, type EnvironmentValues } from '../../../exporter/src/config/environment.ts';
import type { Environment } from '../../../exporter/src/config/references.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';

const folder = createTemporaryFolder();
afterAll(() => folder.remove());

function read(environment: Environment): EnvironmentValues {
  const { values, issues } = readEnvironment(environment);
  expect(issues).toEqual([]);
  if (values === null) throw new Error('there are no values and no issues');
  return values;
}

describe('the environment', () => {
  test('has a default for everything that is needed', () => {
    expect(read({ PATH: '/usr/bin', HOME: '/root' })).toEqual({
      TIDEMARK_HOST: '127.0.0.1',
      TIDEMARK_CORS_ORIGINS: [],
      TIDEMARK_EXPORTS: 4,
      TIDEMARK_RATE_LIMIT: 6000,
      TIDEMARK_PORT: 9786,
      TIDEMARK_TIMEZONE: 'UTC',
      TIDEMARK_CONCURRENCY: 16,
      TIDEMARK_HOST_CONNECTIONS: 4,
      TIDEMARK_LOAD_PERCENT: 5,
      TIDEMARK_METRICS_MAX_SERIES: 250_000,
      TIDEMARK_RETRIES: 2,
      TIDEMARK_LEASE_SECONDS: 15,
      TIDEMARK_ROLE: 'all',
      TIDEMARK_LOG_LEVEL: 'info',
      TIDEMARK_CONNECT_TIMEOUT_SECONDS: 10,
      TIDEMARK_QUERY_TIMEOUT_SECONDS: 300,
      TIDEMARK_ALLOW_LOCAL_TARGETS: false,
      COLLECT_DB_SIZE_ENABLED: true,
      COLLECT_DB_SIZE_HOUR: '0 3 * * *',
      CREATE_PARTITION_HOUR: '0 2 * * *',
      CLEANUP_PARTITION_HOUR: '0 4 * * *',
      AGGREGATION_HOUR: '0 5 * * *',
      AGGREGATION_ENABLED: true,
      DATABASE_SIZE_RETENTION_DAYS: 365,
      DATABASE_SIZE_RETENTION_MONTHS: 12,
    });
  });

  test('an empty variable counts as not set', () => {
    const empty = { TIDEMARK_PORT: '', DATABASE_URL: '', DATABASE_URL_FILE: '', COLLECT_DB_SIZE_HOUR: '' };
    expect(read({ ...empty, TIDEMARK_UNKNOWN: '' })).toEqual(read({}));
  });

  test.each<[string, string, unknown]>([
    ['TIDEMARK_HOST', '::', '::'],
    ['TIDEMARK_PORT', '0', 0],
    ['TIDEMARK_PORT', '65535', 65_535],
    ['TIDEMARK_DATA_DIR', '/var/lib/tidemark', '/var/lib/tidemark'],
    ['TIDEMARK_TIMEZONE', 'Pacific/Auckland', 'Pacific/Auckland'],
    ['TIDEMARK_CONCURRENCY', '1', 1],
    ['TIDEMARK_LOG_LEVEL', 'silent', 'silent'],
    ['TIDEMARK_CONNECT_TIMEOUT_SECONDS', '600', 600],
    ['TIDEMARK_QUERY_TIMEOUT_SECONDS', '86400', 86_400],
    ['COLLECT_DB_SIZE_ENABLED', 'false', false],
    ['COLLECT_DB_SIZE_ENABLED', '0', false],
    ['COLLECT_DB_SIZE_ENABLED', 'no', false],
    ['COLLECT_DB_SIZE_ENABLED', 'true', true],
    ['COLLECT_DB_SIZE_ENABLED', '1', true],
    ['COLLECT_DB_SIZE_ENABLED', 'yes', true],
    ['COLLECT_DB_SIZE_HOUR', '0', '0 0 * * *'],
    ['COLLECT_DB_SIZE_HOUR', '05', '0 5 * * *'],
    ['COLLECT_DB_SIZE_HOUR', '23', '0 23 * * *'],
    ['COLLECT_DB_SIZE_HOUR', '30 */6 * * *', '30 */6 * * *'],
    ['COLLECT_DB_SIZE_HOUR', '0 3 * * mon-fri', '0 3 * * mon-fri'],
  ])('%s=%s is %j', (name, text, value) => {
    expect(read({ [name]: text })).toHaveProperty(name, value);
  });

  test.each([
    ['TIDEMARK_PORT', 'http', '0 to 65535'],
    ['TIDEMARK_PORT', '65536', '0 to 65535'],
    ['TIDEMARK_PORT', '-1', '0 to 65535'],
    ['TIDEMARK_PORT', '80.5', '0 to 65535'],
    ['TIDEMARK_PORT', '0x50', '0 to 65535'],
    ['TIDEMARK_PORT', ' 80', '0 to 65535'],
    ['TIDEMARK_TIMEZONE', 'Mars/Olympus', 'an IANA time zone'],
    ['TIDEMARK_TIMEZONE', 'CEST', 'an IANA time zone'],
    ['TIDEMARK_CONCURRENCY', '0', '1 to 1000'],
    ['TIDEMARK_CONCURRENCY', '1001', '1 to 1000'],
    ['TIDEMARK_LOG_LEVEL', 'loud', 'trace, debug, info'],
    ['TIDEMARK_CONNECT_TIMEOUT_SECONDS', '0', '1 to 600'],
    ['TIDEMARK_QUERY_TIMEOUT_SECONDS', '1e3', '1 to 86400'],
    ['DATABASE_URL', 'mysql://db1/tidemark', 'postgresql://'],
    ['COLLECT_DB_SIZE_ENABLED', 'maybe', 'true or false'],
    ['COLLECT_DB_SIZE_HOUR', '24', 'an hour (0 to 23)'],
    ['COLLECT_DB_SIZE_HOUR', '-1', 'an hour (0 to 23)'],
    ['COLLECT_DB_SIZE_HOUR', 'nightly', 'an hour (0 to 23)'],
    ['COLLECT_DB_SIZE_HOUR', '61 * * * *', 'an hour (0 to 23)'],
  ])('%s=%j is refused, with what was expected', (name, text, expected) => {
    const { values, issues } = readEnvironment({ [name]: text });
    expect(values).toBeNull();
    expect(issues).toEqual([{ key: name, problem: expect.stringContaining(expected) }]);
    expect(issues[0]?.problem).toMatch(/^expected /);
  });

  test('everything that is wrong is said at once', () => {
    const { issues } = readEnvironment({
      TIDEMARK_PORT: 'x',
      TIDEMARK_TIMEZONE: 'x',
      COLLECT_DB_SIZE_ENABLED: 'x',
      TIDEMARK_PROT: '9786',
      DATABASE_URL_FILE: '/absent/file',
    });
    expect(issues.map((issue) => issue.key).sort()).toEqual([
      'COLLECT_DB_SIZE_ENABLED',
      'DATABASE_URL_FILE',
      'TIDEMARK_PORT',
      'TIDEMARK_PROT',
      'TIDEMARK_TIMEZONE',
    ]);
  });

  test.each(['TIDEMARK_PROT', 'TIDEMARK_', 'TIDEMARK_PORT_FILE'])('%s is not a setting, and is said so', (name) => {
    const { issues } = readEnvironment({ [name]: '9786' });
    expect(issues).toEqual([{ key: name, problem: expect.stringMatching(/no such setting.*expected.*TIDEMARK_PORT/) }]);
  });

  test('what belongs to others is left alone, even with names that objects have', () => {
    expect(
      read({ toString: 'x', constructor: 'x', PGPASSWORD: 'x', MYTIDEMARK_PORT: '1', tidemark_port: '1' }),
    ).toEqual(read({}));
  });
});

describe('DATABASE_URL', () => {
  const url = 'postgresql://tidemark:canary-4711@db1.example.net/tidemark';

  test.each([url, url.replace('postgresql', 'postgres')])('%s is taken as a secret', (text) => {
    const { DATABASE_URL: secret } = read({ DATABASE_URL: text });
    expect(secret?.reveal()).toBe(text);
    expect(JSON.stringify(secret)).not.toContain('canary');
  });

  test('may be in a file', () => {
    const path = folder.write('url', `${url}\n`);
    expect(read({ DATABASE_URL_FILE: path }).DATABASE_URL?.reveal()).toBe(url);
  });

  test('is not shown where it is refused', () => {
    const path = folder.write('wrong', 'canary-4711');
    for (const environment of [{ DATABASE_URL: 'canary-4711' }, { DATABASE_URL_FILE: path }]) {
      const { values, issues } = readEnvironment(environment);
      expect(values).toBeNull();
      expect(issues).toEqual([{ key: 'DATABASE_URL', problem: expect.stringContaining('expected postgresql://') }]);
      expect(JSON.stringify(issues)).not.toContain('canary');
    }
  });

  test('and its file together are one too many', () => {
    const path = folder.write('url', url);
    const { issues } = readEnvironment({ DATABASE_URL: url, DATABASE_URL_FILE: path });
    expect(issues).toEqual([{ key: 'DATABASE_URL_FILE', problem: 'DATABASE_URL is set too: expected one of the two' }]);
  });

  test('in a file that is not there is said with the path', () => {
    const { issues } = readEnvironment({ DATABASE_URL_FILE: '/absent/url' });
    expect(issues).toEqual([{ key: 'DATABASE_URL_FILE', problem: expect.stringContaining('/absent/url') }]);
  });
});

describe('the deadlines', () => {
  test('are the defaults, with what the environment says of instances', () => {
    const values = read({ TIDEMARK_CONNECT_TIMEOUT_SECONDS: '3', TIDEMARK_QUERY_TIMEOUT_SECONDS: '40' });
    expect(deadlinesOf(values)).toEqual({ ...defaultDeadlines, connect: 3_000, query: 40_000 });
    expect(deadlinesOf(read({}))).toEqual(defaultDeadlines);
  });
});
