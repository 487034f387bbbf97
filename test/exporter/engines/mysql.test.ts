import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  DatabaseMeasurement,
  InstanceMeasurement,
  MeasureOptions,
  Target,
} from '../../../exporter/src/engines/engine.ts';
import { mysql } from '../../../exporter/src/engines/mysql.ts';
import { asRoot, fileBytesOf, mysqlTarget, quoted } from '../../support/mysql-fixtures.ts';
import { startProxy } from '../../support/fake-servers.ts';
import { uniquePrefix } from '../../support/postgresql-fixtures.ts';
import { testDeadlines } from '../../support/test-database.ts';
import { describeWithMariadb } from '../../support/with-mariadb.ts';

const prefix = uniquePrefix();
const ours = { wanted: (name: string) => name.startsWith(prefix), estimateOnTimeout: false };
const password = 'canary-9f2c-word';

async function measure(target: Target, options: MeasureOptions = ours): Promise<InstanceMeasurement> {
  const session = await mysql.connect(target, testDeadlines);
  try {
    return await session.measure(options);
  } finally {
    await session.close();
  }
}

function find(measurement: InstanceMeasurement, name: string): DatabaseMeasurement | undefined {
  return measurement.databases.find((database) => database.databaseName === name);
}

function namesOf(measurement: InstanceMeasurement): string[] {
  return measurement.databases.map((database) => database.databaseName);
}

/** Some 300 kB of rows. */
function filledTable(schema: string, table: string, engine: string, rows = 3000): string[] {
  return [
    `USE ${quoted(schema)}`,
    `CREATE TABLE ${quoted(table)} (id INT PRIMARY KEY, text VARCHAR(200), KEY (text)) ENGINE=${engine}`,
    `INSERT INTO ${quoted(table)} SELECT seq, repeat('x', 90) FROM seq_1_to_${rows}`,
  ];
}

describeWithMariadb('MariaDB', (mariadb) => {
  const made = new Set<string>();

  async function createSchemas(...names: readonly string[]): Promise<void> {
    for (const name of names) made.add(name);
    await asRoot(mariadb, ...names.map((name) => `CREATE DATABASE ${quoted(name)} CHARACTER SET utf8mb4`));
  }

  beforeAll(() => createSchemas(`${prefix}shop`));

  afterAll(() => asRoot(mariadb, ...[...made].map((name) => `DROP DATABASE ${quoted(name)}`)));

  describe('sizes', () => {
    test('of InnoDB are the bytes of its files', async () => {
      const shop = `${prefix}shop`;
      await asRoot(
        mariadb,
        ...filledTable(shop, 'orders', 'InnoDB', 20_000),
        ...filledTable(shop, 'a-b ü"\'漢', 'InnoDB'),
        `CREATE TABLE parts (id INT) ENGINE=InnoDB PARTITION BY HASH (id) PARTITIONS 4`,
        'INSERT INTO parts SELECT seq FROM seq_1_to_5000',
        'CREATE TABLE packed (id INT, text TEXT) ENGINE=InnoDB ROW_FORMAT=COMPRESSED',
        'CREATE TABLE searched (id INT, text TEXT, FULLTEXT KEY (text)) ENGINE=InnoDB',
        `INSERT INTO searched SELECT seq, concat('word', seq) FROM seq_1_to_500`,
        'CREATE TABLE emptied (id INT) ENGINE=InnoDB',
        'DELETE FROM orders WHERE id > 100',
        'CREATE VIEW many AS SELECT * FROM orders CROSS JOIN (SELECT id AS other FROM parts) AS p',
      );
      const measured = await measure(mysqlTarget(mariadb));
      const bytes = await fileBytesOf(mariadb, shop, '.ibd');
      expect(bytes).toBeGreaterThan(2_000_000);
      expect(find(measured, shop)).toMatchObject({ sizeBytes: bytes, method: 'exact', logBytes: null });
      expect(measured.warnings).toEqual([]);
      expect(measured.failures).toEqual([]);
    });

    test('of MyISAM and Aria are added to them', async () => {
      const mixed = `${prefix}mixed`;
      await createSchemas(mixed);
      await asRoot(
        mariadb,
        ...filledTable(mixed, 'inno', 'InnoDB'),
        ...filledTable(mixed, 'isam', 'MyISAM'),
        ...filledTable(mixed, 'aria', 'Aria'),
      );
      const bytes = await fileBytesOf(mariadb, mixed, '.ibd', '.MYD', '.MYI', '.MAD', '.MAI');
      const measured = find(await measure(mysqlTarget(mariadb)), mixed);
      expect(measured).toMatchObject({ sizeBytes: bytes, method: 'exact' });
      expect(measured?.dataBytes).toBeGreaterThan(0);
      expect(measured?.indexBytes).toBeGreaterThan(0);
      expect(measured?.usedBytes).toBe((measured?.dataBytes ?? NaN) + (measured?.indexBytes ?? NaN));
    });

    test('of a schema without tables is exactly 0, and a view has none', async () => {
      const empty = `${prefix}empty`;
      const viewed = `${prefix}viewed`;
      await createSchemas(empty, viewed);
      await asRoot(mariadb, `CREATE VIEW ${quoted(viewed)}.v AS SELECT * FROM ${quoted(`${prefix}shop`)}.orders`);
      const measured = await measure(mysqlTarget(mariadb));
      for (const name of [empty, viewed]) {
        expect(find(measured, name)).toMatchObject({ sizeBytes: 0, dataBytes: 0, indexBytes: 0, method: 'exact' });
      }
    });

    test('are those of the right schema, however hostile its name', async () => {
      const hostile = [
        `${prefix}a-b ü"'漢/x`,
        `${prefix}back\`tick\\slash`,
        `${prefix}; DROP DATABASE mysql; --`,
        `${prefix}$1 %s {0}`,
        `${prefix}#P#p0`,
        `${prefix}a.b`,
        `${prefix}@0041`,
        // Not the same, though most collations say so.
        `${prefix}case`,
        `${prefix}CASE`,
        `${prefix}cäse`,
        `${prefix}${'x'.repeat(54)}`,
        `${prefix}${'漢'.repeat(20)}`,
      ];
      await createSchemas(...hostile);
      for (const [index, name] of hostile.entries()) {
        await asRoot(mariadb, ...filledTable(name, 't/"ü', 'InnoDB', 2000 * (index + 1)));
      }
      const measured = await measure(mysqlTarget(mariadb));
      for (const name of hostile) {
        const bytes = await fileBytesOf(mariadb, name, '.ibd');
        expect({ name, bytes: find(measured, name)?.sizeBytes }).toEqual({ name, bytes });
        expect(find(measured, name)?.method).toBe('exact');
        // Each holds a table of its own length: nobody gets the rows of another one.
        expect(find(measured, name)?.usedBytes).toBeLessThanOrEqual(bytes);
      }
      expect(
        namesOf(measured)
          .filter((name) => hostile.includes(name))
          .sort(),
      ).toEqual([...hostile].sort());
    });

    test('are measured of what is wanted, and never of the system', async () => {
      const measured = await measure(mysqlTarget(mariadb), { ...ours, wanted: () => true });
      expect(namesOf(measured)).toContain(`${prefix}shop`);
      for (const system of ['mysql', 'sys', 'information_schema', 'performance_schema', 'innodb_system']) {
        expect(namesOf(measured)).not.toContain(system);
      }
      const one = await measure(mysqlTarget(mariadb), { ...ours, wanted: (name) => name === `${prefix}shop` });
      expect(namesOf(one)).toEqual([`${prefix}shop`]);
    });

    test('a schema dropped while the server is asked takes nothing else with it', async () => {
      const doomed = `${prefix}doomed`;
      await asRoot(mariadb, `CREATE DATABASE ${quoted(doomed)}`);
      let dropped = 0;
      const proxy = await startProxy(mariadb.port, async (bytes) => {
        if (dropped > 0 || !bytes.includes('SHOW CREATE DATABASE')) return;
        dropped += 1;
        await asRoot(mariadb, `DROP DATABASE ${quoted(doomed)}`);
      });
      try {
        const measured = await measure(mysqlTarget({ ...mariadb, port: proxy.port }), {
          ...ours,
          wanted: (name) => name === doomed || name === `${prefix}shop`,
        });
        expect(dropped).toBe(1);
        expect(namesOf(measured)).toEqual([`${prefix}shop`]);
        expect(measured.failures).toEqual([]);
      } finally {
        await proxy.close();
      }
    });
  });

  describe('missing rights', () => {
    const user = `${prefix}u'1`;
    const account = `'${prefix}u''1'@'127.0.0.1'`;
    const target = mysqlTarget(mariadb, { username: user, password });
    const shop = `${prefix}shop`;

    afterEach(() => asRoot(mariadb, `DROP USER IF EXISTS ${account}`));

    async function createUser(...grants: readonly string[]): Promise<void> {
      const created = `CREATE USER ${account} IDENTIFIED BY '${password}'`;
      await asRoot(mariadb, created, ...grants.map((grant) => `GRANT ${grant} TO ${account}`));
    }

    /** The statement that a message tells to run. */
    function grantIn(message: string | undefined): string {
      return /GRANT .*;/.exec(message ?? '')?.[0] ?? `no GRANT in: ${message ?? ''}`;
    }

    test('without PROCESS the sizes are estimates, said with the GRANT that mends it', async () => {
      await createUser('SELECT, BINLOG MONITOR ON *.*');
      const measured = await measure(target);
      expect(find(measured, shop)).toMatchObject({ method: 'estimate' });
      expect(find(measured, shop)?.sizeBytes).toBeGreaterThan(0);
      expect(measured.failures).toEqual([]);
      expect(measured.warnings).toMatchObject([{ databaseName: null, code: 'permission_denied' }]);

      await asRoot(mariadb, grantIn(measured.warnings[0]?.message));
      const mended = await measure(target);
      expect(mended.warnings).toEqual([]);
      expect(find(mended, shop)).toMatchObject({
        method: 'exact',
        sizeBytes: await fileBytesOf(mariadb, shop, '.ibd'),
      });
    });

    test('a user without any right is an error with the GRANT, not an empty server', async () => {
      await createUser();
      const error: unknown = await measure(target).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: 'TidemarkError', code: 'permission_denied' });

      await asRoot(mariadb, grantIn((error as Error).message));
      const mended = await measure(target);
      // The logs of the instance are a right of their own.
      expect(mended.warnings).toMatchObject([{ databaseName: null, message: expect.stringContaining('binary logs') }]);
      expect(mended.failures).toEqual([]);
      expect(find(mended, shop)?.sizeBytes).toBe(await fileBytesOf(mariadb, shop, '.ibd'));
    });

    /** What the server hides is said, and what mends it; the other warnings are of no concern here. */
    const hiding = (measured: InstanceMeasurement) =>
      measured.warnings.filter((warning) => warning.message.includes('which the server hides'));

    test.each([
      ['one schema', `SELECT ON ${quoted(shop)}.*`],
      ['one schema and those of the system', `SELECT ON ${quoted(shop)}.*`, 'SELECT ON mysql.*'],
      ['one schema and the files', `SELECT ON ${quoted(shop)}.*`, 'PROCESS ON *.*'],
    ])('rights on %s: there may be more, said with the GRANT that shows them', async (_, ...grants) => {
      await createUser(...grants);
      const measured = await measure(target, { ...ours, wanted: () => true });
      expect(namesOf(measured)).toContain(shop);
      const [warning] = hiding(measured);
      expect(warning).toMatchObject({ databaseName: null, code: 'permission_denied' });

      await asRoot(mariadb, grantIn(warning?.message));
      const mended = await measure(target, { ...ours, wanted: () => true });
      expect(hiding(mended)).toEqual([]);
      expect(namesOf(mended)).toEqual(expect.arrayContaining([...made]));
    });

    test.each([
      ['reads them all', ['SELECT ON *.*']],
      ['may do anything', ['ALL ON *.*']],
      ['sees them by a pattern', ['SELECT ON `%`.*']],
      ['may write into them all, and read those of the system', ['INSERT ON *.*', 'SELECT ON mysql.*']],
    ])('nothing is hidden from a user who %s', async (_, grants) => {
      await createUser(...grants);
      expect(hiding(await measure(target))).toEqual([]);
    });

    test('nothing is hidden from a user who has a role that sees all', async () => {
      const role = quoted(`${prefix}role`);
      await createUser('SELECT ON mysql.*');
      try {
        await asRoot(
          mariadb,
          ...[`CREATE ROLE ${role}`, `GRANT SELECT, SHOW DATABASES, PROCESS ON *.* TO ${role}`],
          ...[`GRANT ${role} TO ${account}`, `SET DEFAULT ROLE ${role} FOR ${account}`],
        );
        const measured = await measure(target);
        expect(hiding(measured)).toEqual([]);
        expect(namesOf(measured)).toContain(shop);
        await asRoot(mariadb, `SET DEFAULT ROLE NONE FOR ${account}`);
        // It sees no schema but those of the system, and what everybody may see.
        await expect(measure(target, { ...ours, wanted: () => true })).rejects.toMatchObject({
          code: 'permission_denied',
        });
      } finally {
        await asRoot(mariadb, `DROP ROLE IF EXISTS ${role}`);
      }
    });

    test('a user who may only see the names gets a finding for each, with the GRANT', async () => {
      await createUser('SHOW DATABASES ON *.*');
      const measured = await measure(target);
      expect(measured.databases).toEqual([]);
      const finding = measured.failures.find((failure) => failure.databaseName === shop);
      expect(finding).toMatchObject({ code: 'permission_denied' });
      expect(measured.failures.map((failure) => failure.databaseName).sort()).toEqual([...made].sort());

      await asRoot(mariadb, grantIn(finding?.message));
      const mended = await measure(target);
      expect(namesOf(mended)).toEqual([shop]);
    });

    test('files without tables are a lower bound: an estimate, said with the GRANT', async () => {
      await createUser('PROCESS, SHOW DATABASES, BINLOG MONITOR ON *.*');
      const wanted = (name: string) => name === `${prefix}mixed`;
      const measured = await measure(target, { ...ours, wanted });
      expect(measured.databases).toMatchObject([{ method: 'estimate', dataBytes: null, indexBytes: null }]);
      expect(measured.warnings).toMatchObject([{ databaseName: `${prefix}mixed`, code: 'permission_denied' }]);

      await asRoot(mariadb, grantIn(measured.warnings[0]?.message));
      const mended = await measure(target, { ...ours, wanted });
      expect(mended.databases).toMatchObject([{ method: 'exact' }]);
      expect(mended.warnings).toEqual([]);
      expect(mended.databases[0]?.sizeBytes).toBeGreaterThan(measured.databases[0]?.sizeBytes ?? Infinity);
    });
  });
});
