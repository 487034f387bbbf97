import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsOptions } from '../../../exporter/src/config/tls.ts';
import type { EngineSession } from '../../../exporter/src/engines/engine.ts';
import { mysql } from '../../../exporter/src/engines/mysql.ts';
import { makeCertificates, type Certificates } from '../../support/certificate-files.ts';
import { startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { asRoot, fileBytesOf, mysqlTarget } from '../../support/mysql-fixtures.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';
import { testDeadlines } from '../../support/test-database.ts';
import { describeWithMariadb } from '../../support/with-mariadb.ts';

// A server of its own: these tests restart it and change its settings.
describeWithMariadb('a MariaDB of its own', () => {
  let folder: TemporaryFolder;
  let files: Certificates;
  let server: MariadbServer;

  async function start(...options: readonly string[]): Promise<MariadbServer> {
    const started = await startMariadb(join(folder.path, 'mariadb'), options);
    if ('skipped' in started) throw new Error(started.skipped);
    return started;
  }

  beforeAll(async () => {
    folder = createTemporaryFolder();
    chmodSync(folder.path, 0o755);
    files = makeCertificates(folder.path, 'IP:127.0.0.1,DNS:db1.example.net');
    chmodSync(files.key, 0o644);
    server = await start();
  });

  afterAll(async () => {
    await server.stop();
    folder.remove();
  });

  async function sizeOf(schema: string): Promise<unknown> {
    const session = await mysql.connect(mysqlTarget(server), testDeadlines);
    const measured = await session.measure({ wanted: (name) => name === schema, estimateOnTimeout: false });
    await session.close();
    return { sizeBytes: measured.databases[0]?.sizeBytes, method: measured.databases[0]?.method };
  }

  test('after a restart the sizes are still the bytes of the files', async () => {
    const tables = Array.from({ length: 60 }, (_, index) => `CREATE TABLE t${index} (id INT) ENGINE=InnoDB`);
    await asRoot(
      server,
      'CREATE DATABASE shop',
      'USE shop',
      ...tables,
      'INSERT INTO t7 SELECT seq FROM seq_1_to_20000',
    );
    expect(await sizeOf('shop')).toEqual({ sizeBytes: await fileBytesOf(server, 'shop', '.ibd'), method: 'exact' });
    await server.stop();
    server = await start();
    const bytes = await fileBytesOf(server, 'shop', '.ibd');
    expect(bytes).toBeGreaterThan(60 * 65_536);
    await server.stop();
    server = await start();
    expect(await sizeOf('shop')).toEqual({ sizeBytes: bytes, method: 'exact' });
  });

  test('tables of the shared tablespace are counted, as an estimate', async () => {
    await asRoot(
      server,
      'CREATE DATABASE shared',
      'SET GLOBAL innodb_file_per_table = OFF',
      'USE shared',
      'CREATE TABLE t (id INT) ENGINE=InnoDB',
      'INSERT INTO t SELECT seq FROM seq_1_to_20000',
      'SET GLOBAL innodb_file_per_table = ON',
      'ANALYZE TABLE t',
    );
    const { sizeBytes, method } = (await sizeOf('shared')) as { sizeBytes: number; method: string };
    expect(method).toBe('estimate');
    expect(sizeBytes).toBeGreaterThan(500_000);
  });

  test('TLS is used as its mode says', async () => {
    await server.stop();
    server = await start(`--ssl-ca=${files.authority}`, `--ssl-cert=${files.certificate}`, `--ssl-key=${files.key}`);
    for (const [mode, encrypted] of [
      ['disable', false],
      ['prefer', true],
      ['require', true],
    ] as const) {
      const session = await connect({ mode });
      expect({ mode, encrypted: session.encrypted }).toEqual({ mode, encrypted });
      await session.close();
    }
    const { authority: ca } = files;
    for (const name of [{}, { server_name: 'db1.example.net' }]) {
      const session = await connect({ mode: 'verify-full', ca, ...name });
      expect(session.encrypted).toBe(true);
      await session.close();
    }
    await expect(connect({ mode: 'verify-full' })).rejects.toMatchObject({ code: 'tls_failed' });
    await expect(connect({ mode: 'verify-full', ca, server_name: 'db2.example.net' })).rejects.toMatchObject({
      code: 'tls_failed',
    });
  });

  test.each([
    ['--skip-show-database', { username: 'reader', password: 'word' }],
    ['--skip-grant-tables', {}],
  ])('under %s nobody is told that databases are hidden who may read them all', async (option, login) => {
    await asRoot(
      server,
      'CREATE DATABASE IF NOT EXISTS seen',
      "CREATE OR REPLACE USER reader@'127.0.0.1' IDENTIFIED BY 'word'",
      "GRANT SELECT, PROCESS, BINLOG MONITOR ON *.* TO reader@'127.0.0.1'",
    );
    await server.stop();
    server = await start(option);
    const session = await mysql.connect(mysqlTarget(server, login), testDeadlines);
    const { databases, warnings } = await session.measure({ wanted: () => true, estimateOnTimeout: false });
    await session.close();
    expect(warnings).toEqual([]);
    expect(databases.map((database) => database.databaseName)).toContain('seen');
  });

  function connect(tls: TlsOptions): Promise<EngineSession> {
    return mysql.connect(mysqlTarget(server, { tls }), testDeadlines);
  }
});
