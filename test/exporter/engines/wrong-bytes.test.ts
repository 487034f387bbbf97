import { expect, jest, test } from '@jest/globals';
import type { Engine, SessionDeadlines, Target } from '../../../exporter/src/engines/engine.ts';
import { mysql } from '../../../exporter/src/engines/mysql.ts';
import { oracle } from '../../../exporter/src/engines/oracle.ts';
import { postgresql } from '../../../exporter/src/engines/postgresql.ts';
import { sqlserver } from '../../../exporter/src/engines/sqlserver.ts';
import { TidemarkError } from '../../../exporter/src/errors.ts';
import { brokenRepliesLimit, counts } from '../../support/counts.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import { mysqlTarget } from '../../support/mysql-fixtures.ts';
import { cdb } from '../../support/oracle-fixtures.ts';
import { handlersOf } from '../../support/oracle-model.ts';
import { monitor, targetOf as oracleTarget } from '../../support/oracle-target.ts';
import { postgresqlTarget } from '../../support/postgresql-fixtures.ts';
import { withSeeds } from '../../support/seeded-random.ts';
import { everything, serve, systemDatabases, targetOf as sqlServerTarget } from '../../support/sqlserver/instances.ts';
import { testDeadlines } from '../../support/test-database.ts';
import { startTnsServer } from '../../support/tns/server.ts';
import { until } from '../../support/wait.ts';
import { describeWithMariadb } from '../../support/with-mariadb.ts';

jest.setTimeout(brokenRepliesLimit);

/** Short: a slip in a length lets everybody wait for what never comes. */
const hurried: SessionDeadlines = { connect: 150, query: 100, close: 50 };

/** Connects, measures and leaves. */
async function collect(engine: Engine, target: Target, deadlines: SessionDeadlines = testDeadlines): Promise<void> {
  const session = await engine.connect(target, deadlines);
  await session.measure(everything).finally(() => session.close());
}

/**
 * What an engine makes of a server that says one wrong byte, or from there on garbage. An exception that nobody catches
 * fails the test.
 */
async function listenToWrongBytes(engine: Engine, target: Target): Promise<void> {
  const server = { port: target.port };
  const whole = await startFaultProxy({ target: server });
  await collect(engine, { ...target, port: whole.port });
  const length = whole.forwarded.server;
  await whole.close();
  const codes = new Set<string>();
  await withSeeds(counts.brokenReplies, async (random) => {
    const after = random.integer(0, length - 1);
    const slip = { kind: 'slip', after, byte: random.integer(0, 255) } as const;
    const garbage = { kind: 'garbage', after, seed: random.integer(0, 2 ** 31) } as const;
    const mode = random.pick([slip, slip, garbage]);
    const proxy = await startFaultProxy({ target: server, mode });
    try {
      // Much of it is read as something else, and nothing is wrong; what counts is that it ends, and how.
      await collect(engine, { ...target, port: proxy.port }, hurried).catch((error: unknown) => {
        if (!(error instanceof TidemarkError)) throw error;
        codes.add(error.code);
      });
      await until(() => proxy.connections === 0, 'the sockets are closed');
    } finally {
      await proxy.close();
    }
  });
  expect([...codes]).not.toContain('internal');
  expect(codes.size).toBeGreaterThan(0);
}

const plain = { tls: { mode: 'disable' } } as const;

test('PostgreSQL', () => listenToWrongBytes(postgresql, postgresqlTarget(plain)));

describeWithMariadb('where there is a', (mariadb) => {
  test('MariaDB', () => listenToWrongBytes(mysql, mysqlTarget(mariadb, plain)));
});

test('SQL Server', async () => {
  const server = await serve({ databases: systemDatabases }, { encryption: 'off' });
  await listenToWrongBytes(sqlserver, sqlServerTarget(server.port)).finally(() => server.close());
});

test('Oracle', async () => {
  const users = { [monitor.username]: monitor.password };
  const server = await startTnsServer({ users, services: ['FREE'], handlers: handlersOf(cdb) });
  await listenToWrongBytes(oracle, oracleTarget(server)).finally(() => server.close());
});
