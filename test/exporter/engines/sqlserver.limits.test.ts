import { afterEach, describe, expect, test } from '@jest/globals';
import { database, MeasuredServer, named } from '../../support/sqlserver/instances.ts';
import type { ModelDatabase, ModelFile, ModelInstance, ModelVolume } from '../../support/sqlserver/model.ts';

const MB = 1024 * 1024;
const GB = 1024 * MB;

const server = new MeasuredServer();
const measure = server.measure.bind(server);

afterEach(() => server.stop());

describe('limits', () => {
  const disk: ModelVolume = { mountPoint: 'D:\\', total: 500n * BigInt(GB), available: 60n * BigInt(GB) };
  const logDisk: ModelVolume = { mountPoint: 'L:\\', total: 100n * BigInt(GB), available: 90n * BigInt(GB) };
  const pagesOf = (bytes: number): number => bytes / 8192;

  async function limitOf(files: readonly ModelFile[], instance: Partial<ModelInstance> = {}): Promise<unknown> {
    const measurement = await measure({ databases: [database(5, 'sales', { files })], ...instance });
    return named(measurement, 'sales')?.limitBytes;
  }

  const log: ModelFile = { id: 2, type: 'log', pages: 1280n, maxPages: 268_435_456, volume: logDisk };

  test('of growing files are the room on their volume, once; the log stays as it is', async () => {
    const rows = { type: 'rows', pages: BigInt(pagesOf(GB)), volume: disk } as const;
    expect(await limitOf([{ ...rows, id: 1 }, log, { ...rows, id: 3 }])).toBe(2 * GB + 60 * GB + 10 * MB);
  });

  test('of fixed files are their size', async () => {
    const rows = { type: 'rows', pages: BigInt(pagesOf(GB)), growth: 0, volume: disk } as const;
    expect(await limitOf([{ ...rows, id: 1 }, log])).toBe(GB + 10 * MB);
  });

  test.each<[string, maximum: number, expected: number]>([
    ['where the volume has room', 20 * GB, 20 * GB + 10 * MB],
    ['where the volume ends before', 200 * GB, GB + 60 * GB + 10 * MB],
    ['where the file is larger already', GB / 2, GB + 10 * MB],
  ])('of files with a maximum size are that, %s', async (_, maximum, expected) => {
    const rows: ModelFile = {
      id: 1,
      type: 'rows',
      pages: BigInt(pagesOf(GB)),
      maxPages: pagesOf(maximum),
      volume: disk,
    };
    expect(await limitOf([rows, log])).toBe(expected);
  });

  const somewhere: ModelFile = { id: 2, type: 'log', pages: 1280n };

  test.each<[string, ModelFile, limit: number | null]>([
    ['with the usual maximum end with the volume', log, 90 * GB + 10 * MB],
    ['with a smaller maximum end there', { ...log, maxPages: pagesOf(GB) }, GB],
    ['that do not grow are what they are', { ...log, growth: 0 }, 10 * MB],
    ['of which no volume is known may grow to the maximum', { ...somewhere, maxPages: 268_435_456 }, 2048 * GB],
    ['without a maximum and a known volume have no limit', { ...somewhere, maxPages: -1 }, null],
  ])('of logs %s', async (_, file, limitBytes) => {
    const files: ModelFile[] = [{ id: 1, type: 'rows', pages: 1280n, volume: disk }, file];
    const measurement = await measure({ databases: [database(5, 'sales', { files })] });
    const freeBytes = limitBytes === null ? null : limitBytes - 1_000_000;
    expect(measurement.storage.filter(({ scope }) => scope === 'log')).toEqual([
      { scope: 'log', name: 'sales/log', allocatedBytes: 10 * MB, usedBytes: 1_000_000, limitBytes, freeBytes },
    ]);
  });

  test('of files on several volumes are what each of them allows', async () => {
    const other: ModelVolume = { mountPoint: 'E:\\', total: 10n * BigInt(GB), available: BigInt(GB) };
    const rows = { type: 'rows', pages: BigInt(pagesOf(GB)) } as const;
    const files: ModelFile[] = [
      { ...rows, id: 1, volume: disk, maxPages: pagesOf(3 * GB) },
      { ...rows, id: 3, volume: other },
    ];
    expect(await limitOf([...files, log])).toBe(2 * GB + 2 * GB + GB + 10 * MB);
  });

  test('of a FILESTREAM container are the room on its volume, although its growth is 0', async () => {
    const rows: ModelFile = { id: 1, type: 'rows', pages: BigInt(pagesOf(GB)), growth: 0, volume: disk };
    const container: ModelFile = { id: 3, type: 'filestream', pages: 1280n, volume: disk };
    expect(await limitOf([rows, log, container])).toBe(GB + 10 * MB + 60 * GB + 10 * MB);
  });

  test('are unknown where a file grows on a volume that is unknown', async () => {
    expect(await limitOf([{ id: 1, type: 'rows', pages: 1280n }, log])).toBeNull();
  });

  test.each<[string, version: string, gigabytes: number]>([
    ['10 GB', '15.0.4430.1', 10],
    ['50 GB since 2025', '17.0.1000.7', 50],
  ])('of Express are %s of data', async (_, productVersion, gigabytes) => {
    const rows: ModelFile = { id: 1, type: 'rows', pages: BigInt(pagesOf(GB)), volume: disk };
    expect(await limitOf([rows, log], { edition: 4, productVersion })).toBe(gigabytes * GB + 10 * MB);
  });

  test('of Express do not hold for system databases', async () => {
    const tempdb: ModelDatabase = {
      id: 2,
      name: 'tempdb',
      files: [{ id: 1, type: 'rows', pages: 1280n, volume: disk }],
    };
    const measurement = await measure({ edition: 4, databases: [tempdb] });
    expect(named(measurement, 'tempdb')?.limitBytes).toBe(10 * MB + 60 * GB);
  });
});

describe('volumes', () => {
  const rows = (id: number, volume: ModelVolume, path?: string): ModelFile => ({
    id,
    type: 'rows',
    pages: 1280n,
    usedPages: 1n,
    volume,
    ...(path === undefined ? {} : { path }),
  });

  test('are measured once each, with the least room that was seen', async () => {
    const d = { mountPoint: 'D:\\', total: 500n * BigInt(GB), available: 60n * BigInt(GB) };
    const e = { mountPoint: 'E:\\', total: 8n * BigInt(GB), available: 0n };
    const measurement = await measure({
      databases: [
        database(5, 'sales', { files: [rows(1, d), rows(3, e)] }),
        database(6, 'hr', { files: [rows(1, { ...d, available: 59n * BigInt(GB) })] }),
      ],
    });
    const unknown = { scope: 'volume', allocatedBytes: null };
    expect(measurement.storage).toEqual([
      { ...unknown, name: 'D:\\', usedBytes: 441 * GB, limitBytes: 500 * GB, freeBytes: 59 * GB },
      { ...unknown, name: 'E:\\', usedBytes: 8 * GB, limitBytes: 8 * GB, freeBytes: 0 },
    ]);
  });

  test('without a mount point, on Linux, are the root', async () => {
    const volume = { mountPoint: null, total: 100n * BigInt(GB), available: 40n * BigInt(GB) };
    const measurement = await measure({
      databases: [
        database(5, 'sales', { files: [rows(1, volume)] }),
        database(6, 'hr', { files: [rows(1, { ...volume, available: 39n * BigInt(GB) })] }),
      ],
    });
    expect(measurement.storage).toMatchObject([{ name: '/', limitBytes: 100 * GB, freeBytes: 39 * GB }]);
    expect(named(measurement, 'hr')?.limitBytes).toBe(10 * MB + 39 * GB);
  });

  test('without mount points, but of several sizes, are called after their folders', async () => {
    const data = { mountPoint: null, total: 100n * BigInt(GB), available: 40n * BigInt(GB) };
    const fast = { mountPoint: null, total: 10n * BigInt(GB), available: BigInt(GB) };
    const files = [rows(1, data, '/var/opt/mssql/data/sales.mdf'), rows(3, fast, '/fast/sales_2.ndf')];
    const measurement = await measure({ databases: [database(5, 'sales', { files })] });
    expect(measurement.storage.map(({ name, limitBytes }) => [name, limitBytes])).toEqual([
      ['/var/opt/mssql/data', 100 * GB],
      ['/fast', 10 * GB],
    ]);
  });

  test('of which the server knows no size (blobs) are left out', async () => {
    const blob = { mountPoint: 'https://x.blob.core.windows.net/', total: 0n, available: 0n };
    const measurement = await measure({ edition: 8, databases: [database(5, 'sales', { files: [rows(1, blob)] })] });
    expect(measurement.storage.filter(({ scope }) => scope === 'volume')).toEqual([]);
    expect(measurement.warnings).toEqual([]);
  });
});
