import { afterEach, expect, test } from '@jest/globals';
import { Secret } from '../../../exporter/src/config/secret.ts';
import type { InstanceMeasurement } from '../../../exporter/src/engines/engine.ts';
import { mysql } from '../../../exporter/src/engines/mysql.ts';
import { answersOf, type Mysql8Model } from '../../support/mysql8/model.ts';
import { startMysql8, type Mysql8Server } from '../../support/mysql8/server.ts';
import { testDeadlines } from '../../support/test-database.ts';

const password = 'Grüße 8';

const model: Mysql8Model = {
  schemas: ['shop', 'empty', 'söder'],
  tables: [
    { schema: 'shop', engine: 'InnoDB', data: 16_384n, index: 8_192n },
    { schema: 'shop', engine: 'MyISAM', data: 3_000_000_000_001n, index: 1_024n },
    { schema: 'söder', engine: 'InnoDB', data: 0n, index: 0n },
  ],
  tablespaces: [
    { name: 'shop/orders', bytes: 5_497_558_138_880n },
    { name: 'shop/items#p#p0', bytes: 114_688n },
    { name: 's@0r@00f6der/t', bytes: 9_007_199_254_740_991n },
    { name: 'innodb_system', bytes: 12_582_912n },
    { name: 'innodb_undo_001', bytes: 16_777_216n },
  ],
  binaryLogs: [1_073_741_824n, 154n],
  decoded: { 's@0r@00f6der': 'söder' },
};

let server: Mysql8Server | undefined;

afterEach(async () => {
  const { unexpected = [], sockets } = server ?? {};
  for (let attempt = 0; attempt < 40 && (sockets?.() ?? 0) > 0; attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const open = sockets?.();
  await server?.close();
  expect(unexpected).toEqual([]);
  expect(open).toBe(0);
});

async function measure(
  content: Mysql8Model,
  login: { cached?: boolean; password?: string } = {},
): Promise<InstanceMeasurement> {
  server = await startMysql8({
    user: 'tidemark',
    password,
    cached: login.cached ?? true,
    answer: answersOf(content),
  });
  const session = await mysql.connect(
    {
      ...{ host: '127.0.0.1', port: server.port, database: '', username: 'tidemark' },
      password: new Secret(login.password ?? password),
      tls: { mode: 'disable' },
    },
    testDeadlines,
  );
  try {
    expect(session.serverVersion).toBe('MySQL 8.0.41');
    return await session.measure({ wanted: () => true, estimateOnTimeout: false });
  } finally {
    await session.close();
  }
}

test.each([
  ['from the cache', true],
  ['in full, over RSA', false],
])('caching_sha2_password %s: files from INNODB_TABLESPACES, other engines from TABLES', async (_name, cached) => {
  const { databases, failures, warnings, storage } = await measure(model, { cached });
  expect(failures).toEqual([]);
  expect(warnings).toEqual([]);
  const byName = Object.fromEntries(databases.map((database) => [database.databaseName, database]));
  expect(byName.shop).toMatchObject({
    sizeBytes: 5_497_558_138_880 + 114_688 + 3_000_000_000_001 + 1_024,
    dataBytes: 16_384 + 3_000_000_000_001,
    indexBytes: 8_192 + 1_024,
    method: 'exact',
  });
  // As large as a size can be.
  expect(byName['söder']).toMatchObject({ sizeBytes: Number.MAX_SAFE_INTEGER, method: 'exact' });
  expect(byName.empty).toMatchObject({ sizeBytes: 0, dataBytes: 0, method: 'exact' });
  expect(storage.map(({ scope, name, allocatedBytes }) => [scope, name, allocatedBytes])).toEqual([
    ['log', 'binlog', 1_073_741_824 + 154],
    ['tablespace', 'innodb_system', 12_582_912],
    ['tablespace', 'innodb_undo_001', 16_777_216],
  ]);
  expect(server?.statements).toContain('SET SESSION information_schema_stats_expiry = 0');
});

test('a size over 2^53 is one database that is refused, not rounded', async () => {
  const tablespaces = [...(model.tablespaces ?? []), { name: 's@0r@00f6der/u', bytes: 1n }];
  const { databases, failures } = await measure({ ...model, tablespaces });
  expect(databases.map((database) => database.databaseName)).toEqual(['empty', 'shop']);
  expect(failures).toMatchObject([{ databaseName: 'söder', code: 'size_out_of_range' }]);
  expect(failures[0]?.message).toContain('9007199254740992');
});

test('without PROCESS and REPLICATION CLIENT: estimates, and the GRANT for each', async () => {
  const { databases, storage, warnings } = await measure({ ...model, tablespaces: null, binaryLogs: null });
  expect(databases.find((database) => database.databaseName === 'shop')).toMatchObject({
    sizeBytes: 16_384 + 8_192 + 3_000_000_000_001 + 1_024,
    method: 'estimate',
  });
  expect(storage).toEqual([]);
  const messages = warnings.map((warning) => warning.message).join('\n');
  expect(messages).toContain(`GRANT PROCESS ON *.* TO 'tidemark'@'%';`);
  expect(messages).toContain(`GRANT REPLICATION CLIENT ON *.* TO 'tidemark'@'%';`);
});

test('rights that come by a role show all databases, and that of the system is a right beside them', async () => {
  const { databases, warnings } = await measure({ ...model, hasRole: true });
  expect(databases).toHaveLength(3);
  expect(warnings).toEqual([]);
  expect(server?.statements).toContain('SHOW GRANTS');
});

test.each([true, false])('a wrong password (cached: %s) is access denied, and is not shown', async (cached) => {
  const error: unknown = await measure(model, { cached, password: 'not the one' }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'access_denied' });
  expect(String(error)).not.toContain('not the one');
});
