import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { runCollection } from '../../../exporter/src/collection/run.ts';
import { collectionContext, recordProgress } from '../../support/collection-fixtures.ts';
import { asRoot, fileBytesOf as mariadbBytesOf, quoted } from '../../support/mysql-fixtures.ts';
import { cdb, expected, redoBytes, reports, root, sales } from '../../support/oracle-fixtures.ts';
import { startOracle, stopOracle } from '../../support/oracle-server.ts';
import { monitor } from '../../support/oracle-target.ts';
import { createDatabases, dropDatabases, fileBytesOf, uniquePrefix } from '../../support/postgresql-fixtures.ts';
import { servers } from '../../support/servers.ts';
import { database, password, serve, systemDatabases, username } from '../../support/sqlserver/instances.ts';
import type { TdsServer } from '../../support/tds/server.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { describeWithMariadb } from '../../support/with-mariadb.ts';

const prefix = uniquePrefix();
const own = `${prefix}four`;
let repository: TestDatabase;
let tds: TdsServer | undefined;

beforeAll(async () => {
  repository = await createTestDatabase();
  await createDatabases([own]);
});

afterEach(async () => {
  await stopOracle();
  await tds?.close();
});

afterAll(async () => {
  await dropDatabases([own]);
  await repository.close();
});

describeWithMariadb('a fleet of four engines, two of them real', (mariadb) => {
  test('is collected in one run, and every number stored is the one that the servers hold', async () => {
    await asRoot(
      mariadb,
      `CREATE DATABASE ${quoted(own)}`,
      `USE ${quoted(own)}`,
      `CREATE TABLE ${quoted(own)}.t (id INT PRIMARY KEY, filler VARCHAR(200)) ENGINE=InnoDB`,
      `INSERT INTO ${quoted(own)}.t SELECT seq, repeat('x', 200) FROM seq_1_to_20000`,
    );
    const shop = database(5, 'shop');
    tds = await serve({ databases: [...systemDatabases, shop] });
    const oracle = await startOracle(cdb);
    const { postgresql } = servers();
    const local = { host: '127.0.0.1', tls: { mode: 'disable' } };
    const context = await collectionContext(repository.pool, [
      { ...local, name: 'pg', engine: 'postgresql', ...login(postgresql), include: [own] },
      { ...local, name: 'maria', engine: 'mysql', ...login(mariadb), include: [own] },
      { ...local, name: 'mssql', engine: 'sqlserver', port: tds.port, username, password, include: ['shop'] },
      { ...local, name: 'ora', engine: 'oracle', port: oracle.port, ...monitor, database: 'FREE' },
    ]);
    const session = await runCollection(context, { trigger: 'command', progress: recordProgress() });
    // The closed pluggable database is the one failure.
    expect(session).toMatchObject({
      instances: { total: 4, succeeded: 3, partial: 1, failed: 0 },
      databasesMeasured: 3 + 3,
      databasesFailed: 1,
    });

    const { rows } = await repository.pool.query<{ instance: string; name: string; size: number }>(
      `SELECT i.name AS instance, s.database_name AS name, s.size_bytes AS size
       FROM database_size_stats AS s
       JOIN instances AS i ON i.id = s.instance_id
       ORDER BY i.name, s.database_name COLLATE "C"`,
    );
    const sizeOf = (container: Parameters<typeof expected>[0], redo: number | null) =>
      expected(container, redo).sizeBytes;
    const pages = shop.files.reduce((sum, file) => sum + file.pages, 0n);
    expect(rows).toEqual([
      { instance: 'maria', name: own, size: await mariadbBytesOf(mariadb, own, '.ibd') },
      { instance: 'mssql', name: 'shop', size: Number(pages) * 8192 },
      { instance: 'ora', name: 'CDB$ROOT', size: sizeOf(root, redoBytes) },
      { instance: 'ora', name: 'REPORTS', size: sizeOf(reports, null) },
      { instance: 'ora', name: 'SALES', size: sizeOf(sales, null) },
      { instance: 'pg', name: own, size: (await fileBytesOf([own])).get(own) },
    ]);

    const storage = await repository.pool.query<{ instance: string; scopes: string[] }>(
      `SELECT i.name AS instance, array_agg(DISTINCT s.scope || ' ' || split_part(s.name, '/', 1)) AS scopes
       FROM storage_stats AS s
       JOIN instances AS i ON i.id = s.instance_id
       GROUP BY i.name`,
    );
    const scopes = new Map(storage.rows.map((row) => [row.instance, row.scopes]));
    expect(scopes.get('pg')).toEqual(expect.arrayContaining(['log wal', 'tablespace pg_default']));
    expect(scopes.get('maria')).toEqual(expect.arrayContaining(['log binlog', 'tablespace innodb_system']));
    expect(scopes.get('ora')).toEqual(expect.arrayContaining(['log redo', 'tablespace SALES']));
    expect([...tds.unexpected, ...oracle.unexpected]).toEqual([]);
    await asRoot(mariadb, `DROP DATABASE ${quoted(own)}`);
  });
});

function login({ port, username: user, password: word }: { port: number; username: string; password: string }) {
  return { port, username: user, password: word };
}
