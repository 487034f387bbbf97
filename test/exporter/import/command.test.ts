import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Command, CommanderError } from 'commander';
import { DateTime } from 'luxon';
import { TidemarkError } from '../../../exporter/src/errors.ts';
import { matcherOf } from '../../../exporter/src/fleet/patterns.ts';
import { addImportCommands } from '../../../exporter/src/import/command.ts';
import { aggregate } from '../../../exporter/src/statistics/aggregate.ts';
import { addInstances } from '../../support/history.ts';
import { runTidemark, type Ended } from '../../support/processes.ts';
import { startPrometheus, whyNoPrometheus, type TestPrometheus } from '../../support/prometheus.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let folder: TemporaryFolder;
let repository: TestDatabase;

beforeAll(async () => {
  folder = createTemporaryFolder();
  repository = await createTestDatabase();
  await addInstances(repository.pool, ['orders-pg', 'billing-pg']);
  await repository.pool.query(`UPDATE instances SET exclude_patterns = '{*_tmp}' WHERE name = 'orders-pg'`);
});
afterAll(async () => {
  await repository.close();
  folder.remove();
});

/** The command as it is, with the repository of this test. */
async function tidemark(...args: string[]): Promise<Pick<Ended, 'code' | 'stdout' | 'stderr'>> {
  const said = { stdout: '', stderr: '' };
  const program = new Command('tidemark').exitOverride();
  program.configureOutput({ writeErr: (text) => (said.stderr += text) });
  const { pool } = repository;
  addImportCommands(program, (work) =>
    work({
      ...{ pool, timezone: 'Europe/Berlin', retentionDays: 365 },
      fleet: { wantedOn: (instance) => matcherOf(instance) },
      aggregate: () => aggregate(pool, day(0)),
      write: (line) => (said.stdout += `${line}\n`),
    }),
  );
  try {
    await program.parseAsync(['import', ...args], { from: 'user' });
    return { code: 0, ...said };
  } catch (error) {
    if (error instanceof TidemarkError) said.stderr += error.message;
    else if (!(error instanceof CommanderError)) throw error;
    return { code: 2, ...said };
  }
}

async function history() {
  const { rows } = await repository.pool.query<Record<string, unknown>>(
    `SELECT i.name, s.database_name AS database, s.collected_date AS day, s.size_bytes AS size
     FROM database_size_stats AS s
     JOIN instances AS i ON i.id = s.instance_id
     ORDER BY 1, 2, 3`,
  );
  return rows.map(Object.values);
}

const day = (before: number): string =>
  DateTime.now().setZone('Europe/Berlin').minus({ days: before }).toISODate() ?? '';

describe('import csv', () => {
  const header = 'instance_name,database_name,collected_date,size_bytes\n';
  const file = (rows: string): string => folder.write('history.csv', header + rows);

  test('writes nothing in a dry run, then all of it, and the second time nothing is new', async () => {
    const path = file(
      `orders-pg,orders,${day(40)},1000\norders-pg,orders,${day(39)},1100\nbilling,invoices,${day(40)},5\norders-pg,a_tmp,${day(40)},7\n`,
    );
    const map = ['--map', 'billing=billing-pg'];
    const dry = await tidemark('csv', path, ...map, '--dry-run');
    const period = `${day(40)} to ${day(39)}`;
    const counts = `2 instances, 2 databases, ${period}; 0 stored already and kept\n`;
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toBe(
      `left out by include and exclude: orders-pg › a_tmp\n3 measurements would be written: ${counts}`,
    );
    expect(await history()).toEqual([]);

    const real = await runTidemark(['import', 'csv', path, ...map], {
      environment: { DATABASE_URL: repository.url.reveal(), TIDEMARK_TIMEZONE: 'Europe/Berlin' },
    });
    expect(real.stdout).toContain(`3 measurements written: ${counts}`);
    const expected = [
      ['billing-pg', 'invoices', day(40), 5],
      ['orders-pg', 'orders', day(40), 1000],
      ['orders-pg', 'orders', day(39), 1100],
    ];
    expect(await history()).toEqual(expected);
    const { rows } = await repository.pool.query('SELECT count(*) AS statistics FROM database_size_aggregations');
    expect(rows).not.toEqual([{ statistics: 0 }]);

    const again = await tidemark('csv', path, ...map);
    expect(again.stdout).toContain('0 measurements written: 0 instances, 0 databases; 3 stored already and kept\n');
    expect(await history()).toEqual(expected);
  });

  test('keeps what was measured, unless it is told to replace it', async () => {
    const path = file(`orders-pg,orders,${day(40)},2000\norders-pg,orders,${day(38)},2100\n`);
    expect((await tidemark('csv', path)).stdout).toContain('1 measurements written');
    expect(await history()).toContainEqual(['orders-pg', 'orders', day(40), 1000]);
    expect((await tidemark('csv', path, '--replace')).stdout).toContain('2 measurements written');
    expect(await history()).toContainEqual(['orders-pg', 'orders', day(40), 2000]);
  });

  test('says whose instances it does not know, and what to do about it', async () => {
    const path = file(`elsewhere,x,${day(40)},1\norders-pg,y,${day(40)},1\n`);
    const before = await history();
    const refused = await tidemark('csv', path);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(
      /there is no instance for "elsewhere": add it with "tidemark instances add".*--map "elsewhere=NAME".*--skip-unknown/,
    );
    expect(await history()).toEqual(before);
    const skipped = await tidemark('csv', path, '--skip-unknown');
    expect(skipped.stdout).toContain('elsewhere: no such instance, 1 measurements left out\n1 measurements written');
  });

  test('refuses days that are still to come, and two rows that mean the same', async () => {
    const future = await tidemark('csv', file(`orders-pg,x,${day(-2)},1\n`));
    expect([future.code, future.stderr]).toEqual([2, expect.stringMatching(/line 2: .* is still to come \(today is/)]);
    const path = file(`one,x,${day(40)},1\nother,x,${day(40)},2\n`);
    const meeting = await tidemark('csv', path, '--map', 'one=orders-pg', 'other=orders-pg');
    expect(meeting.stderr).toMatch(/line 2 and line 3 are both orders-pg › x on .*: give one of them another name/);
  });

  test('says that old daily rows will not stay', async () => {
    const { stdout } = await tidemark('csv', file(`orders-pg,old,${day(700)},1\n`));
    expect(stdout).toMatch(/past the retention of 365 days: the next cleanup drops the daily rows/);
  });
});

const missing = whyNoPrometheus();
(missing === null ? describe : describe.skip)(
  `import prometheus${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    let prometheus: TestPrometheus;
    beforeAll(async () => {
      const noon = (before: number): number => Math.floor(Date.parse(`${day(before)}T12:00:00Z`) / 1000);
      prometheus = await startPrometheus([
        {
          metric: 'pg_database_size_bytes',
          labels: { instance: '127.0.0.1:9187', datname: 'fresh' },
          samples: [60, 59, 58, 0].map((before): [number, number] => [noon(before) - 40_000, 1_000_000 + before]),
        },
      ]);
    });
    afterAll(() => prometheus.close());

    test('reads what is over, for the instance on that host or the one that is named', async () => {
      const ambiguous = await tidemark('prometheus', prometheus.url, '--dry-run');
      expect(ambiguous).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('there is no instance for "127.0.0.1:9187"'),
      });
      const written = await tidemark('prometheus', prometheus.url, '--map', '127.0.0.1:9187=billing-pg');
      expect(written).toMatchObject({ code: 0, stderr: '' });
      const fresh = (await history()).filter(([, database]) => database === 'fresh');
      expect(fresh).toEqual([60, 59, 58].map((before) => ['billing-pg', 'fresh', day(before), 1_000_000 + before]));
      const again = await tidemark(
        'prometheus',
        prometheus.url,
        '--map',
        '127.0.0.1:9187=billing-pg',
        '--from',
        day(61),
      );
      expect(again.stdout).toMatch(/^0 measurements written: .*; 3 stored already and kept\n$/);
    });

    test.each([
      [['not-a-url'], 'expected the address of a Prometheus'],
      [['http://x', '--from', '2026-13-01'], 'expected YYYY-MM-DD'],
      [['http://x', '--to', '2999-01-01', '--from', '2998-01-01'], 'expected a day that is over'],
      [['http://x', '--from', '2026-02-01', '--to', '2026-01-01'], '--from 2026-02-01 is after --to 2026-01-01'],
      [['http://x', '--token', 'secret'], '--token: expected env:NAME or file:PATH'],
      [['http://x', '--query', 'a', '--source', 'tidemark'], '--query and --source: expected one of the two'],
    ])('refuses %j', async (args, message) => {
      const { code, stderr } = await tidemark('prometheus', ...args);
      expect(code).toBe(2);
      expect(stderr).toContain(message);
      expect(stderr).not.toContain('"secret"');
    });
  },
);
