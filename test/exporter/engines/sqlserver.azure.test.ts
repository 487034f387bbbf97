import { afterEach, describe, expect, test } from '@jest/globals';
import { database, MeasuredServer, username } from '../../support/sqlserver/instances.ts';

const MB = 1024 * 1024;
const GB = 1024 * MB;

const server = new MeasuredServer();
const measure = server.measure.bind(server);

afterEach(() => server.stop());

describe('Azure SQL Database', () => {
  const azure = { edition: 5, productVersion: '12.0.2000.8' };
  const shop = database(5, 'shop', { maxBytes: 250n * BigInt(GB) });

  test('measures the database it is connected to from its files', async () => {
    const measurement = await measure({ ...azure, currentDatabase: 'shop', databases: [shop] });
    expect(measurement).toEqual({
      databases: [
        {
          databaseName: 'shop',
          sizeBytes: 110 * MB,
          dataBytes: 100 * MB,
          logBytes: 10 * MB,
          indexBytes: null,
          tempBytes: null,
          usedBytes: 50 * MB + 1_000_000,
          limitBytes: 250 * GB + 10 * MB,
          method: 'exact',
        },
      ],
      storage: [
        {
          ...{ scope: 'log', name: 'shop/log', allocatedBytes: 10 * MB, usedBytes: 1_000_000 },
          ...{ limitBytes: null, freeBytes: null },
        },
      ],
      failures: [],
      warnings: [],
    });
    expect(server.tds.logins).toMatchObject([{ database: 'shop', readOnlyIntent: false }]);
  });

  test('knows no limit of Hyperscale', async () => {
    const databases = [{ ...shop, maxBytes: -1n }];
    const measurement = await measure({ ...azure, currentDatabase: 'shop', databases });
    expect(measurement.databases[0]?.limitBytes).toBeNull();
  });

  test('leaves a database alone that is not wanted', async () => {
    const measurement = await measure({ ...azure, currentDatabase: 'shop', databases: [shop] }, () => false);
    expect(measurement.databases).toEqual([]);
    expect(server.tds.statements).toHaveLength(1);
  });

  test('without VIEW DATABASE STATE says what to grant', async () => {
    const instance = { ...azure, currentDatabase: 'shop', databases: [shop], permissions: [] };
    const measurement = await measure(instance);
    expect(measurement.databases).toMatchObject([{ sizeBytes: 110 * MB, usedBytes: null }]);
    expect(measurement.warnings).toMatchObject([{ databaseName: 'shop', code: 'permission_denied' }]);
    expect(measurement.warnings[0]?.message).toContain(`GRANT VIEW DATABASE STATE TO [${username}];`);
  });

  test('from master estimates all databases, and says how to have them exact', async () => {
    const measurement = await measure({
      ...azure,
      databases: [
        database(1, 'master'),
        database(5, 'shop', { statistics: { allocated: 2048.5, used: 1000.25 } }),
        database(6, 'idle'),
      ],
    });
    expect(measurement.databases).toEqual([
      {
        databaseName: 'shop',
        sizeBytes: 2048.5 * MB,
        dataBytes: 2048.5 * MB,
        logBytes: null,
        indexBytes: null,
        tempBytes: null,
        usedBytes: 1000.25 * MB,
        limitBytes: null,
        method: 'estimate',
      },
    ]);
    expect(measurement.failures).toMatchObject([{ databaseName: 'idle', code: 'database_unreadable' }]);
    expect(measurement.warnings).toMatchObject([{ databaseName: null }]);
    expect(measurement.warnings[0]?.message).toContain('add an instance for each database');
    expect(server.tds.accepted).toBe(1);
  });
});
