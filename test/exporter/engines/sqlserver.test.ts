import { afterEach, describe, expect, test } from '@jest/globals';
import { sqlserver } from '../../../exporter/src/engines/sqlserver.ts';
import * as statements from '../../../exporter/src/engines/sqlserver/statements.ts';
import { connectTo, database, MeasuredServer, named, systemDatabases } from '../../support/sqlserver/instances.ts';
import type { ModelDatabase, ModelFile, ModelInstance } from '../../support/sqlserver/model.ts';
import { TdsError } from '../../support/tds/server.ts';

const MB = 1024 * 1024;
const GB = 1024 * MB;

const server = new MeasuredServer();
const measure = server.measure.bind(server);

afterEach(() => server.stop());

async function versionOf(instance: Partial<ModelInstance>): Promise<string> {
  const session = await connectTo(await server.start({ databases: systemDatabases, ...instance }));
  await session.close();
  return session.serverVersion;
}

describe('sizes', () => {
  test('are those of the files: data is rows and FILESTREAM, log is log', async () => {
    const sales = database(5, 'sales', {
      logUsedBytes: 3n * BigInt(MB),
      files: [
        { id: 1, type: 'rows', pages: 12_800n, usedPages: 6_400n },
        { id: 2, type: 'log', pages: 1_280n },
        { id: 3, type: 'rows', pages: 128_000n, usedPages: 100n },
        // sys.master_files says 0 of it.
        { id: 65_537, type: 'filestream', pages: 2_560n },
      ],
    });
    const measurement = await measure({ databases: [...systemDatabases, sales] });
    expect(measurement.databases).toHaveLength(5);
    expect(named(measurement, 'sales')).toEqual({
      databaseName: 'sales',
      sizeBytes: (100 + 10 + 1000 + 20) * MB,
      dataBytes: (100 + 1000 + 20) * MB,
      logBytes: 10 * MB,
      indexBytes: null,
      tempBytes: null,
      usedBytes: 50 * MB + 100 * 8192 + 20 * MB + 3 * MB,
      limitBytes: null,
      method: 'exact',
    });
    expect(named(measurement, 'master')).toMatchObject({
      sizeBytes: 10 * MB,
      dataBytes: 8 * MB,
      logBytes: 2 * MB,
      usedBytes: 4 * MB + 65_536,
    });
    expect(measurement).toMatchObject({ failures: [], warnings: [] });
  });

  test('are right beyond 2 TB in a file, where an int of pages overflows', async () => {
    const pages = 300_000_000n;
    const files: ModelFile[] = [1, 3, 4].map((id) => ({ id, type: 'rows', pages, usedPages: pages - 1n }));
    const measurement = await measure({ databases: [database(5, 'warehouse', { files })] });
    const bytes = 3 * 300_000_000 * 8192;
    expect(bytes).toBeGreaterThan(3 * 2 ** 41);
    expect(named(measurement, 'warehouse')).toMatchObject({ sizeBytes: bytes, dataBytes: bytes, logBytes: 0 });
    expect(named(measurement, 'warehouse')?.usedBytes).toBe(bytes - 3 * 8192 + 1_000_000);
  });

  test('above 2^53 are refused, for that database only', async () => {
    const files: ModelFile[] = [{ id: 1, type: 'rows', pages: 2n ** 40n, usedPages: 1n }];
    const measurement = await measure({ databases: [database(5, 'impossible', { files }), database(6, 'sales')] });
    expect(measurement.databases.map(({ databaseName }) => databaseName)).toEqual(['sales']);
    expect(measurement.failures).toMatchObject([{ databaseName: 'impossible', code: 'size_out_of_range' }]);
    expect(measurement.failures[0]?.message).toContain(String(2n ** 53n));
  });

  test('of tempdb are what it has grown to since the server started', async () => {
    const tempdb: ModelDatabase = {
      id: 2,
      name: 'tempdb',
      logUsedBytes: 0n,
      files: [
        { id: 1, type: 'rows', pages: 1_280_000n, pagesInMaster: 1024n, usedPages: 640_000n },
        { id: 2, type: 'log', pages: 12_800n, pagesInMaster: 1024n },
        { id: 3, type: 'rows', pages: 128_000n, usedPages: 0n },
      ],
    };
    const measurement = await measure({ databases: [tempdb] });
    const expected = { sizeBytes: (10_000 + 100 + 1000) * MB, logBytes: 100 * MB, usedBytes: 5000 * MB };
    expect(named(measurement, 'tempdb')).toMatchObject(expected);
  });

  test.each(['OFFLINE', 'RESTORING', 'RECOVERY_PENDING', 'SUSPECT'])('of %s databases are kept', async (state) => {
    const measurement = await measure({ databases: [...systemDatabases, database(5, 'archive', { state })] });
    expect(named(measurement, 'archive')).toMatchObject({
      sizeBytes: 110 * MB,
      dataBytes: 100 * MB,
      logBytes: 10 * MB,
      usedBytes: null,
      method: 'exact',
    });
    expect(measurement).toMatchObject({ failures: [], warnings: [] });
  });

  test('of an offline database with FILESTREAM are known to be incomplete', async () => {
    const files: ModelFile[] = [
      { id: 1, type: 'rows', pages: 1280n },
      { id: 3, type: 'filestream', pages: 128_000n },
    ];
    const measurement = await measure({ databases: [database(5, 'documents', { state: 'OFFLINE', files })] });
    expect(named(measurement, 'documents')).toMatchObject({ sizeBytes: 10 * MB, method: 'estimate' });
    expect(measurement.warnings).toMatchObject([{ databaseName: 'documents', code: 'database_unreadable' }]);
    expect(measurement.warnings[0]?.message).toContain('FILESTREAM');
  });

  test('of snapshots are not counted a second time', async () => {
    const snapshot = database(6, 'sales_at_noon', { snapshotOf: 5 });
    const measurement = await measure({ databases: [database(5, 'sales'), snapshot] });
    expect(measurement.databases.map(({ databaseName }) => databaseName)).toEqual(['sales']);
    expect(measurement.failures).toEqual([]);
  });

  test('whose use a file does not tell have no use, rather than less', async () => {
    const files: ModelFile[] = [
      { id: 1, type: 'rows', pages: 1280n, usedPages: 100n },
      { id: 3, type: 'rows', pages: 1280n },
    ];
    const measurement = await measure({ databases: [database(5, 'sales', { files })] });
    expect(named(measurement, 'sales')).toMatchObject({ sizeBytes: 20 * MB, usedBytes: null });
  });

  test('are asked only of the databases that are wanted', async () => {
    const databases = [...systemDatabases, database(5, 'sales'), database(6, 'hr')];
    const measurement = await measure({ databases }, (name) => name === 'hr');
    expect(measurement.databases.map(({ databaseName }) => databaseName)).toEqual(['hr']);
    const inside = server.tds.statements.filter(({ parameters }) => parameters.database !== undefined);
    expect(inside.map(({ parameters }) => parameters.database)).toEqual(['hr']);
  });
});

describe('a database that fails', () => {
  test('because somebody has locked it keeps its size, and is named', async () => {
    const refusal = new TdsError(1222, 'Lock request time out period exceeded.');
    const measurement = await measure({ databases: [database(5, 'busy', { refusal }), database(6, 'sales')] });
    expect(named(measurement, 'busy')).toMatchObject({ sizeBytes: 110 * MB, usedBytes: null });
    expect(named(measurement, 'sales')?.usedBytes).toBe(50 * MB + 1_000_000);
    expect(measurement.warnings).toMatchObject([{ databaseName: 'busy', code: 'database_unreadable' }]);
    expect(measurement.warnings[0]?.message).toContain('Lock request time out');
  });

  test('because it went offline since it was listed is unreadable', async () => {
    const refusal = new TdsError(942, `Database 'sales' cannot be opened because it is offline.`, { class: 14 });
    const measurement = await measure({ databases: [database(5, 'sales', { refusal })] });
    expect(measurement.warnings).toMatchObject([{ databaseName: 'sales', code: 'database_unreadable' }]);
    expect(named(measurement, 'sales')?.sizeBytes).toBe(110 * MB);
  });

  test('because it was dropped since it was listed is nothing to report', async () => {
    const refusal = new TdsError(911, `Database 'sales' does not exist. Make sure that the name is entered correctly.`);
    const measurement = await measure({ databases: [database(5, 'sales', { refusal }), database(6, 'hr')] });
    expect(measurement.databases.map(({ databaseName }) => databaseName)).toEqual(['hr']);
    expect(measurement).toMatchObject({ failures: [], warnings: [] });
  });

  test('and whose files are hidden as well is a failure, for its own reason', async () => {
    const refusal = new TdsError(1222, 'Lock request time out period exceeded.');
    const permissions = ['VIEW ANY DATABASE', 'VIEW SERVER STATE'] as const;
    const measurement = await measure({
      databases: [...systemDatabases, database(5, 'busy', { refusal })],
      permissions,
    });
    expect(measurement.failures).toMatchObject([{ databaseName: 'busy', code: 'database_unreadable' }]);
    expect(measurement.failures[0]?.message).toContain('Lock request time out');
  });

  test.each([976, 978, 982, 983])('with %i, as a replica that nobody may read, is as it shall be', async (number) => {
    const refusal = new TdsError(number, 'The target database is not accessible for queries.', { class: 14 });
    const measurement = await measure({ databases: [database(5, 'replica', { refusal })] });
    expect(named(measurement, 'replica')).toMatchObject({ sizeBytes: 110 * MB, usedBytes: null });
    expect(measurement).toMatchObject({ failures: [], warnings: [] });
  });
});

describe('names', () => {
  const hostile = [
    `x'; DROP DATABASE master; --`,
    'a]b[c]]d',
    '"quoted" [name]',
    'line\nbreak\ttab',
    '  blanks  ',
    'Größe 漢字 🐘',
    '%s ${x} {0}',
    ']'.repeat(128),
    '漢'.repeat(128),
  ];

  test('are verbatim, and never part of a statement', async () => {
    const databases = hostile.map((name, index) => database(5 + index, name));
    const measurement = await measure({ databases });
    expect(measurement.databases.map(({ databaseName }) => databaseName)).toEqual(hostile);
    expect(measurement.databases.every(({ usedBytes }) => usedBytes === 50 * MB + 1_000_000)).toBe(true);
    const texts = new Set(server.tds.statements.map(({ sql }) => sql));
    expect(texts.size).toBe(4);
    for (const text of texts) expect(hostile.some((name) => text.includes(name))).toBe(false);
  });
});

describe('statements', () => {
  test('are one for each question, and one for each online database', async () => {
    const databases = Array.from({ length: 30 }, (_, index) =>
      database(5 + index, `db${index}`, index < 10 ? { state: 'OFFLINE' } : {}),
    );
    await measure({ databases });
    expect(server.tds.statements).toHaveLength(3 + 20);
  });

  test('come from a session that names itself, waits for no lock, and may look into replicas', async () => {
    await measure({ databases: systemDatabases });
    expect(server.tds.logins).toMatchObject([{ appName: 'tidemark', readOnlyIntent: true, database: 'master' }]);
    expect(server.tds.settings.at(-1)).toBe(
      'SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED; SET LOCK_TIMEOUT 10000; SET DEADLOCK_PRIORITY LOW',
    );
  });

  test('multiply as bigint, before anything is summed, and leave snapshots out', () => {
    const sized = [statements.listFiles, statements.listFilesOfDatabase(true), statements.listFilesOfAzureDatabase];
    for (const statement of sized) {
      expect(statement).toContain('CAST(f.size AS bigint) * 8192 AS size_bytes');
      expect(statement).not.toMatch(/\bSUM\(/i);
    }
    expect(statements.listFiles).toMatch(/WHERE d\.source_database_id IS NULL/);
    expect(statements.listFiles).toMatch(/FROM tempdb\.sys\.database_files/);
    expect(statements.listFilesOfDatabase(false)).toContain(`FILEPROPERTY(f.name, ''SpaceUsed'')`);
    expect(statements.listFilesOfDatabase(false)).not.toContain('dm_db_log_space_usage');
  });
});

describe('versions and editions', () => {
  test.each<[edition: number, version: string, text: string]>([
    [2, '11.0.7001.0', 'SQL Server 2012 (11.0.7001.0)'],
    [3, '13.0.6300.2', 'SQL Server 2016 (13.0.6300.2)'],
    [3, '16.0.4165.4', 'SQL Server 2022 (16.0.4165.4)'],
    [4, '17.0.1000.7', 'SQL Server 2025 (17.0.1000.7)'],
    [9, '15.0.2000.1565', 'SQL Server 2019 (15.0.2000.1565)'],
    [3, '18.0.1.0', 'SQL Server 18.0.1.0'],
    [5, '12.0.2000.8', 'Azure SQL Database 12.0.2000.8'],
    [8, '12.0.2000.8', 'Azure SQL Managed Instance 12.0.2000.8'],
  ])('edition %i, %s is %s', async (edition, productVersion, text) => {
    expect(await versionOf({ edition, productVersion })).toBe(text);
  });

  test.each<[edition: number, version: string, code: string]>([
    [3, '10.50.6000.34', 'server_too_old'],
    [6, '10.0.18', 'engine_unsupported'],
    [11, '12.0.2000.8', 'engine_unsupported'],
  ])('edition %i, %s is refused: %s', async (edition, productVersion, code) => {
    await server.start({ databases: [], edition, productVersion });
    await expect(connectTo(server.tds)).rejects.toMatchObject({ code });
  });

  test('a Managed Instance is measured as a server', async () => {
    const volume = { mountPoint: 'C:\\', total: 64n * BigInt(GB), available: 32n * BigInt(GB) };
    const files: ModelFile[] = [{ id: 1, type: 'rows', pages: 1280n, usedPages: 640n, volume }];
    const measurement = await measure({ edition: 8, databases: [...systemDatabases, database(5, 'sales', { files })] });
    expect(named(measurement, 'sales')).toMatchObject({ sizeBytes: 10 * MB, usedBytes: 5 * MB + 1_000_000 });
    expect(measurement.storage.filter(({ scope }) => scope === 'volume')).toMatchObject([{ name: 'C:\\' }]);
    expect(measurement.warnings).toEqual([]);
  });
});

test('has one capability entry for each subject', () => {
  const subjects = sqlserver.capabilities.map(({ subject }) => subject);
  expect(new Set(subjects).size).toBe(subjects.length);
  expect(subjects).toHaveLength(10);
});
