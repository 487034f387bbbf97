import { afterEach, describe, expect, test } from '@jest/globals';
import * as statements from '../../../exporter/src/engines/sqlserver/statements.ts';
import {
  connectTo,
  database,
  everything,
  MeasuredServer,
  named,
  systemDatabases,
  username,
} from '../../support/sqlserver/instances.ts';
import { handlersFor } from '../../support/sqlserver/model.ts';
import { permissionDenied, TdsError } from '../../support/tds/server.ts';

const MB = 1024 * 1024;

const server = new MeasuredServer();
const measure = server.measure.bind(server);

afterEach(() => server.stop());

describe('a missing privilege', () => {
  const databases = [...systemDatabases, database(5, 'sales'), database(6, 'archive', { state: 'OFFLINE' })];

  test.each<[version: string, edition: number, permission: string]>([
    ['11.0.7001.0', 3, 'VIEW SERVER STATE'],
    ['15.0.4430.1', 3, 'VIEW SERVER STATE'],
    ['16.0.4165.4', 3, 'VIEW SERVER PERFORMANCE STATE'],
    ['12.0.2000.8', 8, 'VIEW SERVER PERFORMANCE STATE'],
  ])('to see state on %s (edition %i) costs used and volumes, and is said', async (version, edition, permission) => {
    const measurement = await measure({
      productVersion: version,
      edition,
      databases,
      permissions: ['VIEW ANY DATABASE', 'VIEW ANY DEFINITION'],
    });
    expect(measurement.databases).toHaveLength(6);
    expect(named(measurement, 'sales')).toMatchObject({ sizeBytes: 110 * MB, usedBytes: null, limitBytes: null });
    expect(measurement.storage).toEqual([]);
    expect(measurement.failures).toEqual([]);
    expect(measurement.warnings).toMatchObject([{ databaseName: null, code: 'permission_denied' }]);
    expect(measurement.warnings[0]?.message).toContain(`USE master; GRANT ${permission} TO [${username}];`);
  });

  test('is not VIEW SERVER STATE where VIEW SERVER PERFORMANCE STATE is there', async () => {
    const measurement = await measure({
      productVersion: '16.0.4165.4',
      databases,
      permissions: ['VIEW ANY DATABASE', 'VIEW ANY DEFINITION', 'VIEW SERVER PERFORMANCE STATE'],
    });
    expect(measurement.warnings).toEqual([]);
    expect(named(measurement, 'sales')?.usedBytes).toBe(50 * MB + 1_000_000);
  });

  test('VIEW ANY DEFINITION costs those databases that cannot be asked themselves', async () => {
    const measurement = await measure({ databases, permissions: ['VIEW ANY DATABASE', 'VIEW SERVER STATE'] });
    expect(named(measurement, 'sales')).toMatchObject({ sizeBytes: 110 * MB, usedBytes: 50 * MB + 1_000_000 });
    expect(named(measurement, 'archive')).toBeUndefined();
    expect(measurement.failures).toMatchObject([{ databaseName: 'archive', code: 'permission_denied' }]);
    expect(measurement.warnings).toMatchObject([{ databaseName: null, code: 'permission_denied' }]);
    for (const { message } of [...measurement.failures, ...measurement.warnings]) {
      expect(message).toContain(`USE master; GRANT VIEW ANY DEFINITION TO [${username}];`);
    }
  });

  test('VIEW ANY DATABASE, which hides databases altogether, is said', async () => {
    const permissions = ['VIEW ANY DEFINITION', 'VIEW SERVER STATE'] as const;
    const measurement = await measure({ databases: systemDatabases, permissions });
    expect(measurement.warnings[0]?.message).toContain(`GRANT VIEW ANY DATABASE TO [${username}];`);
    expect(measurement.databases).toHaveLength(4);
  });

  test('to look into a database costs its use only, and the others nothing', async () => {
    const message = `The server principal "tidemark" is not able to access the database "h]r" under the current security context.`;
    const refusal = new TdsError(916, message, { class: 14 });
    const closed = database(7, 'h]r', { refusal });
    const measurement = await measure({ databases: [...databases, closed, database(8, 'shop')] });
    expect(named(measurement, 'h]r')).toMatchObject({ sizeBytes: 110 * MB, usedBytes: null });
    expect(named(measurement, 'shop')?.usedBytes).toBe(50 * MB + 1_000_000);
    expect(measurement.failures).toEqual([]);
    expect(measurement.warnings).toMatchObject([{ databaseName: 'h]r', code: 'permission_denied' }]);
    expect(measurement.warnings[0]?.message).toContain(
      `USE [h]]r]; CREATE USER [${username}] FOR LOGIN [${username}];`,
    );
  });

  test('both inside and outside of a database makes it a failure', async () => {
    const refusal = new TdsError(916, 'not able to access', { class: 14 });
    const measurement = await measure({
      databases: [...systemDatabases, database(5, 'hr', { refusal })],
      permissions: ['VIEW ANY DATABASE', 'VIEW SERVER STATE'],
    });
    expect(measurement.databases).toHaveLength(4);
    expect(measurement.failures).toMatchObject([{ databaseName: 'hr', code: 'permission_denied' }]);
    expect(measurement.warnings.filter(({ databaseName }) => databaseName === 'hr')).toEqual([]);
  });

  test('that is revoked meanwhile is said all the same', async () => {
    const handlers = handlersFor({ databases: systemDatabases });
    const revoked = { match: statements.listVolumes, answer: permissionDenied() };
    const session = await connectTo(await server.start({ databases: [] }, { handlers: [revoked, ...handlers] }));
    const measurement = await session.measure(everything);
    await session.close();
    expect(measurement.storage.filter(({ scope }) => scope === 'volume')).toEqual([]);
    expect(measurement.warnings[0]?.message).toContain('GRANT VIEW SERVER STATE');
  });
});
