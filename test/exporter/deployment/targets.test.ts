import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mysqlTarget, quoted, withRoot } from '../../support/mysql-fixtures.ts';
import { dropDatabases, dropLogin, postgresqlTarget, uniquePrefix } from '../../support/postgresql-fixtures.ts';
import { servers, type ServerAddress } from '../../support/servers.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';
import { asSuperuser } from '../../support/test-database.ts';
import { describeWithMariadb } from '../../support/with-mariadb.ts';

const seeds = fileURLToPath(new URL('../../../provisioning/targets', import.meta.url));
const prefix = uniquePrefix();
const names = ['shop', 'archive', 'reports'];

let folder: TemporaryFolder;
beforeAll(() => {
  folder = createTemporaryFolder();
});
afterAll(() => folder.remove());

/** The script that seeds a sample server, with names that no other test has. */
function seed(engine: string, password: string, environment: Record<string, string>): void {
  const script = readFileSync(join(seeds, engine, 'seed.sh'), 'utf8').replaceAll(
    /\b(tidemark|shop|archive|reports)\b/g,
    (name) => `${prefix}${name}`,
  );
  const path = folder.write('seed.sh', script);
  const secret = folder.write('password', password);
  const env = { PATH: process.env.PATH ?? '', TARGETS_PASSWORD_FILE: secret, ...environment };
  execFileSync('bash', [path], { env, stdio: 'pipe' });
}

const hasPsql = existsSync('/usr/bin/psql');
(hasPsql ? describe : describe.skip)(
  `the sample PostgreSQL${hasPsql ? '' : ' (skipped: psql is not installed)'}`,
  () => {
    afterAll(async () => {
      await dropDatabases(names.map((name) => prefix + name));
      await dropLogin(`${prefix}tidemark`);
    });

    test('is seeded with a login that may measure, and grows', async () => {
      const { host, port } = postgresqlTarget();
      const { username, password } = servers().postgresql;
      const login = { PGHOST: host, PGPORT: String(port), PGPASSWORD: password, POSTGRES_USER: username };
      seed('postgresql', 'Tm-0123456789abcdef', login);
      const size = async (): Promise<number> => {
        const [result] = await asSuperuser('postgres', `SELECT pg_database_size('${prefix}shop')::float8 AS size`);
        return (result?.rows[0] as { size: number }).size;
      };
      const before = await size();
      for (let minute = 0; minute < 3; minute += 1) await asSuperuser(`${prefix}shop`, 'CALL grow()');
      expect(await size()).toBeGreaterThan(before + 1_000_000);
      const [granted] = await asSuperuser('postgres', `SELECT pg_has_role('${prefix}tidemark', 'pg_monitor', 'usage')`);
      expect(granted?.rows).toEqual([{ pg_has_role: true }]);
    });
  },
);

describeWithMariadb('the sample MySQL and MariaDB', (mariadb: ServerAddress) => {
  afterAll(async () => {
    await withRoot(mariadb, async (root) => {
      for (const name of ['shop', 'archive']) await root.query(`DROP DATABASE ${quoted(prefix + name)}`);
      await root.query(`DROP USER ${quoted(`${prefix}tidemark`)}`);
    });
  });

  test('are seeded with a login that may measure, and an event that grows them', async () => {
    const { host, port } = mysqlTarget(mariadb);
    seed('mysql', mariadb.password, { MYSQL_HOST: host, MYSQL_TCP_PORT: String(port) });
    await withRoot(mariadb, async (root) => {
      const [events] = await root.query(
        'SELECT event_definition AS body FROM information_schema.events WHERE event_schema = ?',
        [`${prefix}shop`],
      );
      const { body } = (events as { body: string }[])[0] ?? { body: '' };
      await root.query(`USE ${quoted(`${prefix}shop`)}`);
      const rows = async (): Promise<number> => {
        const [found] = await root.query('SELECT COUNT(*) AS count FROM orders');
        return (found as { count: number }[])[0]?.count ?? 0;
      };
      expect(await rows()).toBe(3);
      await root.query(body);
      expect(await rows()).toBeGreaterThan(1000);
      const [grants] = await root.query(`SHOW GRANTS FOR ${quoted(`${prefix}tidemark`)}`);
      expect(JSON.stringify(grants)).toMatch(/SELECT, PROCESS, SHOW DATABASES, BINLOG MONITOR/);
    });
  });
});

test.each(['postgresql', 'mysql', 'oracle'])('the seed of %s is a shell script', (engine) => {
  execFileSync('bash', ['-n', join(seeds, engine, 'seed.sh')], { stdio: 'pipe' });
});
