import { afterAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { loadConfig } from '../../../exporter/src/config/config.ts';
import { defaultDeadlines } from '../../../exporter/src/config/deadlines.ts';
import { ConfigurationError } from '../../../exporter/src/config/issues.ts';
import { Secret } from '../../../exporter/src/config/secret.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';

const folder = createTemporaryFolder();
const emptyFolder = createTemporaryFolder();
afterAll(() => {
  folder.remove();
  emptyFolder.remove();
});

folder.write(
  'tidemark.yaml',
  `
instances:
  - name: orders
    engine: mysql
    host: db1
    username: tidemark
    password: canary-4711
    labels: { environment: production }
    tls: { mode: require }
`,
);

function refused(work: () => unknown): ConfigurationError {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

/** Every object and list that can be reached from the value. */
function parts(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(parts)];
}

/** What the environment says nothing of in these tests. */
const maintenance = {
  aggregation: { enabled: true, schedule: '0 5 * * *' },
  partitions: { createSchedule: '0 2 * * *', cleanupSchedule: '0 4 * * *' },
  retention: { days: 365, months: 12 },
};

const http = {
  ...{ tls: null, corsOrigins: [], requestsPerMinute: 6000, exports: 4 },
  metricsAccess: { token: null, basic: null },
};

describe('the configuration', () => {
  test('without environment and file is the defaults and the embedded repository', () => {
    expect(loadConfig({}, emptyFolder.path)).toEqual({
      variables: [],
      host: '127.0.0.1',
      port: 9786,
      dataDirectory: null,
      databaseUrl: null,
      timezone: 'UTC',
      concurrency: 16,
      connectionsPerHost: 4,
      loadPercent: 5,
      metricsMaxSeries: 250_000,
      retries: 2,
      role: 'all',
      logLevel: 'info',
      collect: { enabled: true, schedule: '0 3 * * *' },
      ...maintenance,
      deadlines: defaultDeadlines,
      encryptionKeys: null,
      allowLocalTargets: false,
      adminToken: null,
      http,
      oracleClientDirectory: null,
      file: null,
    });
  });

  test('takes tidemark.yaml of the working directory where there is one', () => {
    const { file } = loadConfig({}, folder.path);
    expect(file?.path).toBe(join(folder.path, 'tidemark.yaml'));
    expect(file?.instances.map((instance) => instance.name)).toEqual(['orders']);
  });

  test('takes the file that TIDEMARK_CONFIG names, from the working directory on', () => {
    folder.write('other.yaml', 'exclude: ["*_tmp"]');
    const { file } = loadConfig({ TIDEMARK_CONFIG: 'other.yaml' }, folder.path);
    expect(file).toEqual({ path: join(folder.path, 'other.yaml'), include: ['*'], exclude: ['*_tmp'], instances: [] });
  });

  test('that names a file which is not there is refused', () => {
    const error = refused(() => loadConfig({ TIDEMARK_CONFIG: 'absent.yaml' }, folder.path));
    expect(error.issues).toEqual([
      { key: join(folder.path, 'absent.yaml'), problem: expect.stringContaining('cannot be read') },
    ]);
  });

  test('carries over what the environment says', () => {
    const variables = {
      TIDEMARK_HOST: '0.0.0.0',
      TIDEMARK_PORT: '80',
      TIDEMARK_DATA_DIR: 'somewhere',
      TIDEMARK_TIMEZONE: 'Asia/Shanghai',
      TIDEMARK_CONCURRENCY: '4',
      TIDEMARK_HOST_CONNECTIONS: '2',
      TIDEMARK_LOAD_PERCENT: '10',
      TIDEMARK_RETRIES: '0',
      TIDEMARK_LEASE_SECONDS: '5',
      TIDEMARK_ROLE: 'worker',
      TIDEMARK_LOG_LEVEL: 'debug',
      TIDEMARK_CONNECT_TIMEOUT_SECONDS: '5',
      TIDEMARK_QUERY_TIMEOUT_SECONDS: '60',
      DATABASE_URL: 'postgresql://tidemark:canary-4711@db/tidemark',
      COLLECT_DB_SIZE_ENABLED: 'false',
      COLLECT_DB_SIZE_HOUR: '7',
    };
    const config = loadConfig(variables, emptyFolder.path);
    expect(config).toEqual({
      variables: Object.keys(variables),
      host: '0.0.0.0',
      port: 80,
      dataDirectory: join(emptyFolder.path, 'somewhere'),
      databaseUrl: expect.any(Secret),
      timezone: 'Asia/Shanghai',
      concurrency: 4,
      connectionsPerHost: 2,
      loadPercent: 10,
      metricsMaxSeries: 250_000,
      retries: 0,
      role: 'worker',
      logLevel: 'debug',
      collect: { enabled: false, schedule: '0 7 * * *' },
      ...maintenance,
      deadlines: { ...defaultDeadlines, connect: 5_000, query: 60_000, lease: 5_000 },
      encryptionKeys: null,
      allowLocalTargets: false,
      adminToken: null,
      http,
      oracleClientDirectory: null,
      file: null,
    });
    expect(config.databaseUrl?.reveal()).toBe('postgresql://tidemark:canary-4711@db/tidemark');
  });

  test('is frozen, down to the last label', () => {
    const config = loadConfig({ DATABASE_URL: 'postgresql://db/tidemark' }, folder.path);
    const all = parts(config);
    expect(all).toContain(config.file?.instances[0]?.labels);
    expect(all.filter((part) => !Object.isFrozen(part))).toEqual([]);
    expect(() => Object.assign(config.collect, { enabled: false })).toThrow(TypeError);
  });

  test('shows no secret, however it is printed', () => {
    const config = loadConfig({ DATABASE_URL: 'postgresql://t:canary-4711@db/tidemark' }, folder.path);
    expect(config.file?.instances[0]?.password?.read().reveal()).toBe('canary-4711');
    expect(JSON.stringify(config)).not.toContain('canary');
    expect(inspect(config, { depth: null, showHidden: true })).not.toContain('canary');
  });

  test('says what is wrong with files that a variable names beside what is wrong with others', () => {
    const error = refused(() =>
      loadConfig(
        {
          TIDEMARK_PORT: 'x',
          TIDEMARK_ENCRYPTION_KEY_FILE: join(emptyFolder.path, 'absent'),
          TIDEMARK_TLS_CERT_FILE: 'absent.pem',
          TIDEMARK_METRICS_USERNAME: 'prometheus',
        },
        emptyFolder.path,
      ),
    );
    expect(error.issues.map((issue) => issue.key)).toEqual([
      'TIDEMARK_PORT',
      'TIDEMARK_ENCRYPTION_KEY_FILE',
      'TIDEMARK_METRICS_PASSWORD',
      'TIDEMARK_TLS_KEY_FILE',
    ]);
  });

  test('says what is wrong with environment and file at once, and no secret', () => {
    folder.write(
      'wrong.yaml',
      'instances: [{ name: a, engine: db2, host: h, username: u, password: canary-4711, port: x }]',
    );
    const error = refused(() =>
      loadConfig(
        { TIDEMARK_CONFIG: 'wrong.yaml', TIDEMARK_PORT: 'x', TIDEMARK_PROT: '1', DATABASE_URL: 'canary-4711' },
        folder.path,
      ),
    );
    expect(error.code).toBe('configuration_invalid');
    expect(error.issues.map((issue) => issue.key).sort()).toEqual([
      'DATABASE_URL',
      'TIDEMARK_PORT',
      'TIDEMARK_PROT',
      'instances[0].engine',
      'instances[0].port',
    ]);
    for (const { key, problem } of error.issues) {
      expect(error.message).toContain(`\n  ${key}: ${problem}`);
      expect(problem).toContain('expected');
    }
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('canary');
  });
});
