import { afterEach, describe, expect, test } from '@jest/globals';
import {
  cdb,
  container,
  expected,
  gigabyte,
  megabyte,
  redoBytes,
  reports,
  root,
  sales,
  seed,
  terabyte,
} from '../../support/oracle-fixtures.ts';
import type { ModelContainer, ModelDiskGroup } from '../../support/oracle-model.ts';
import { startOracle, stopOracle } from '../../support/oracle-server.ts';
import { measure, targetOf, withSession } from '../../support/oracle-target.ts';
import { OracleError } from '../../support/tns/oracle-error.ts';

afterEach(stopOracle);

function named<T extends { readonly name: string }>(rows: readonly T[], name: string): T | undefined {
  return rows.find((row) => row.name === name);
}

describe.each(['12.1', '19c', '21c', '23ai'] as const)('the root of a CDB of %s', (profile) => {
  test('one row for the root and each open pluggable database; a closed one is a finding', async () => {
    const server = await startOracle(cdb, { profile });
    const measured = await measure(targetOf(server));
    expect(measured.databases).toEqual([expected(root, redoBytes), expected(reports, null), expected(sales, null)]);
    expect(measured.failures).toEqual([
      {
        databaseName: 'CLOSED',
        code: 'database_unreadable',
        message: expect.stringContaining('ALTER PLUGGABLE DATABASE CLOSED OPEN;'),
      },
    ]);
    expect(measured.warnings).toEqual([]);
  });

  test('says its version, and calls itself tidemark', async () => {
    const server = await startOracle(cdb, { profile });
    await withSession(targetOf(server), (session) => {
      const versions = {
        '12.1': /^Oracle 12\.1\./,
        '19c': /^Oracle 19\./,
        '21c': /^Oracle 21\./,
        '23ai': /^Oracle 23\./,
      };
      expect(session.serverVersion).toMatch(versions[profile]);
      expect(session).toMatchObject({ encrypted: false, remoteAddress: '127.0.0.1' });
      return Promise.resolve();
    });
    expect(server.sessions).toMatchObject([
      { user: 'C##TIDEMARK', program: 'tidemark', module: 'tidemark', loggedOff: true },
    ]);
  });
});

describe('storage', () => {
  test('redo logs once, tablespaces by database, and no disk groups where ASM is not used', async () => {
    const server = await startOracle({ ...cdb, diskGroups: [group('DATA', 'EXTERN', 700n)] });
    const { storage } = await measure(targetOf(server));
    expect(storage.filter(({ scope }) => scope === 'log')).toEqual([
      { scope: 'log', name: 'redo', allocatedBytes: redoBytes, usedBytes: null, limitBytes: null, freeBytes: null },
    ]);
    expect(storage.filter(({ scope }) => scope === 'volume')).toEqual([]);
    expect(server.statements.some(({ sql }) => sql.includes('asm'))).toBe(false);
    expect(storage.filter(({ scope }) => scope === 'tablespace').map(({ name }) => name)).toEqual([
      ...['CDB$ROOT/SYSTEM', 'CDB$ROOT/TEMP', 'REPORTS/SYSTEM', 'REPORTS/TEMP'],
      ...['SALES/BIG', 'SALES/OVER', 'SALES/SYSTEM', 'SALES/UNDOTBS1', 'SALES/TEMP'],
    ]);
    expect(named(storage, 'SALES/BIG')).toMatchObject({
      allocatedBytes: Number(3n * terabyte),
      usedBytes: Number(90_000_000n * 32_768n),
      limitBytes: Number(128n * terabyte),
      freeBytes: Number(128n * terabyte - 90_000_000n * 32_768n),
    });
    expect(named(storage, 'SALES/TEMP')).toMatchObject({
      allocatedBytes: Number(100n * megabyte),
      usedBytes: Number(10n * megabyte),
      limitBytes: Number(20n * gigabyte),
      freeBytes: Number(20n * gigabyte - 10n * megabyte),
    });
  });

  test('a tablespace whose bytes exceed its maxbytes has its bytes as the limit', async () => {
    const server = await startOracle(cdb);
    const { storage } = await measure(targetOf(server));
    expect(named(storage, 'SALES/OVER')).toEqual({
      scope: 'tablespace',
      name: 'SALES/OVER',
      allocatedBytes: Number(1007n * megabyte),
      usedBytes: 120_000 * 8192,
      limitBytes: Number(1007n * megabyte),
      freeBytes: Number(1007n * megabyte) - 120_000 * 8192,
    });
  });

  test('disk groups where files lie on ASM, with the room that their redundancy leaves', async () => {
    const files = [{ name: '+DATA/ERP/data.256.1', bytes: gigabyte, maxBytes: 2n * gigabyte }];
    const erp = container(0, 'ERP', { tablespaces: [{ name: 'DATA', usedBlocks: 10n, files }] });
    const groups = [
      group('DATA', 'NORMAL', 300n),
      group('FLEX', 'FLEX', 300n),
      group('LOW', 'HIGH', -12n),
      group('FRA', 'EXTERN', 700n),
    ];
    const server = await startOracle({ ...cdb, home: 0, containers: [erp], diskGroups: groups });
    const { storage } = await measure(targetOf(server));
    const room = (megabytes: bigint, copies: bigint): number => Number((megabytes * megabyte) / copies);
    const volume = (name: string, used: number | null, limit: number | null, free: number) => ({
      ...{ scope: 'volume', name, allocatedBytes: null },
      ...{ usedBytes: used, limitBytes: limit, freeBytes: free },
    });
    expect(storage.filter(({ scope }) => scope === 'volume')).toEqual([
      volume('DATA', room(300n, 2n), room(900n, 2n), room(300n, 1n)),
      volume('FLEX', null, null, room(300n, 1n)),
      volume('LOW', room(300n, 3n), room(900n, 3n), 0),
      volume('FRA', room(300n, 1n), room(900n, 1n), room(700n, 1n)),
    ]);
  });

  function group(name: string, type: string, usable: bigint): ModelDiskGroup {
    return { name, type, total: 1000n, free: 700n, reserved: 100n, usable };
  }
});

test('logged in to a pluggable database: that one alone, without the redo logs of its CDB', async () => {
  const server = await startOracle({ ...cdb, home: 3 });
  const measured = await measure(targetOf(server));
  expect(measured).toMatchObject({ databases: [expected(sales, null)], failures: [], warnings: [] });
  expect(measured.storage.some(({ scope }) => scope === 'log')).toBe(false);
  expect(server.statements.filter(({ sql }) => /cdb_|v\$log|v\$containers/.test(sql))).toEqual([]);
});

test('a database without containers has its redo logs', async () => {
  const erp = { ...sales, id: 0, name: 'ERP' };
  const server = await startOracle({ ...cdb, home: 0, containers: [erp] });
  const measured = await measure(targetOf(server));
  expect(measured).toMatchObject({ databases: [expected(erp, redoBytes)], failures: [], warnings: [] });
  expect(named(measured.storage, 'redo')?.allocatedBytes).toBe(redoBytes);
});

describe('exact numbers', () => {
  const withFiles = (id: number, name: string, ...sizes: bigint[]): ModelContainer =>
    container(id, name, { tablespaces: [{ name: 'DATA', usedBlocks: 1n, files: sizes.map((bytes) => ({ bytes })) }] });

  test('2^53 - 1 bytes are stored exactly, 2^53 are refused and spoil nothing else', async () => {
    const most = 2n ** 53n - 1n;
    const containers = [root, seed, withFiles(3, 'MOST', most), withFiles(4, 'TOO_MUCH', most + 1n)];
    const server = await startOracle({ ...cdb, containers });
    const { databases, failures } = await measure(targetOf(server));
    expect(databases).toMatchObject([
      { databaseName: 'CDB$ROOT' },
      { databaseName: 'MOST', sizeBytes: 9007199254740991 },
    ]);
    expect(failures).toMatchObject([
      {
        databaseName: 'TOO_MUCH',
        code: 'size_out_of_range',
        message: expect.stringContaining('9007199254740992'),
      },
    ]);
  });

  test('files that fit, but whose sum does not, are refused too', async () => {
    const both = withFiles(3, 'BOTH', 2n ** 52n, 2n ** 52n);
    const server = await startOracle({ ...cdb, containers: [root, seed, both] });
    const { failures } = await measure(targetOf(server));
    expect(failures).toMatchObject([{ databaseName: 'BOTH', code: 'size_out_of_range' }]);
  });
});

describe('files that are offline', () => {
  const offline = (headerBytes?: bigint): ModelContainer => {
    const file = headerBytes === undefined ? { bytes: null } : { bytes: null, headerBytes };
    return container(3, 'SALES', {
      tablespaces: [...root.tablespaces, { name: 'ARCHIVE', files: [file] }],
    });
  };

  test('keep the size that their header tells; what they use is not known', async () => {
    const server = await startOracle({ ...cdb, home: 3, containers: [offline(5n * gigabyte)] });
    const { databases, failures, storage } = await measure(targetOf(server));
    expect(databases).toEqual([expected(offline(5n * gigabyte), null)]);
    expect(databases).toMatchObject([{ usedBytes: null, dataBytes: Number(5n * gigabyte + 800n * megabyte) }]);
    expect(named(storage, 'SALES/ARCHIVE')).toMatchObject({ usedBytes: null, freeBytes: null });
    expect(failures).toEqual([]);
  });

  test('without a header make the size of the database unknown, never smaller', async () => {
    const server = await startOracle({ ...cdb, containers: [root, seed, offline()] });
    const { databases, failures } = await measure(targetOf(server));
    expect(databases).toMatchObject([{ databaseName: 'CDB$ROOT' }]);
    expect(failures).toMatchObject([
      {
        databaseName: 'SALES',
        code: 'database_unreadable',
        message: expect.stringContaining('tablespace ARCHIVE'),
      },
    ]);
  });
});

describe('names', () => {
  const hostile = [`O'Brien "x"; DROP TABLE t--`, 'Größe 東京 /..', 'a'.repeat(128)];

  test('are stored verbatim, and quoted where a statement is recommended', async () => {
    const containers = [
      ...[root, seed],
      ...hostile.map((name, index) => container(index + 3, name)),
      container(9, 'lower "case"', { openMode: 'MOUNTED' }),
    ];
    const server = await startOracle({ ...cdb, containers });
    const { databases, failures, storage } = await measure(targetOf(server));
    expect(databases.map(({ databaseName }) => databaseName).sort()).toEqual(['CDB$ROOT', ...hostile].sort());
    expect(named(storage, `${hostile[1] ?? ''}/TEMP`)).toBeDefined();
    expect(failures).toMatchObject([
      { message: expect.stringContaining('ALTER PLUGGABLE DATABASE "lower ""case""" OPEN;') },
    ]);
  });

  test('that are not wanted are neither measured nor reported', async () => {
    const server = await startOracle(cdb);
    const { databases, failures, storage } = await measure(targetOf(server), (name) => name === 'SALES');
    expect(databases).toEqual([expected(sales, null)]);
    expect(failures).toEqual([]);
    const tablespaces = storage.filter(({ scope }) => scope === 'tablespace');
    expect(tablespaces.every(({ name }) => name.startsWith('SALES/'))).toBe(true);
    expect(named(storage, 'redo')?.allocatedBytes).toBe(redoBytes);
  });
});

test('more files than one page of rows holds', async () => {
  const files = Array.from({ length: 3456 }, (_, index) => ({ bytes: BigInt(index) * megabyte }));
  const many = container(3, 'MANY', { tablespaces: [{ name: 'DATA', usedBlocks: 1n, files }] });
  const server = await startOracle({ ...cdb, containers: [root, seed, many] });
  const { databases } = await measure(targetOf(server), (name) => name === 'MANY');
  expect(databases).toMatchObject([{ dataBytes: ((3455 * 3456) / 2) * Number(megabyte) }]);
});

test('a server that negotiates native services and sends errors behind markers', async () => {
  const server = await startOracle(cdb, { nativeNetworkServices: true, errorsBehindMarkers: true });
  // A refused read-only transaction is no reason not to read.
  server.handle({ match: 'SET TRANSACTION READ ONLY', answer: new OracleError(1453, 'must be first statement') });
  expect((await measure(targetOf(server))).databases).toHaveLength(3);
});

test('an unplugged database is not to be opened', async () => {
  const gone = container(3, 'GONE', { openMode: 'MOUNTED', status: 'UNPLUGGED' });
  const server = await startOracle({ ...cdb, containers: [root, seed, gone] });
  const { failures } = await measure(targetOf(server));
  expect(failures).toMatchObject([
    { databaseName: 'GONE', message: expect.stringContaining('DROP PLUGGABLE DATABASE GONE KEEP DATAFILES;') },
  ]);
});

test('a session measures more than once, and closing twice does no harm', async () => {
  const server = await startOracle(cdb);
  await withSession(targetOf(server), async (session) => {
    const options = { wanted: () => true, estimateOnTimeout: false };
    expect(await session.measure(options)).toEqual(await session.measure(options));
    await session.close();
  });
  expect(server.statements.filter(({ sql }) => sql === 'SET TRANSACTION READ ONLY')).toHaveLength(2);
});
