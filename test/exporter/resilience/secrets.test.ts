import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { configurationOf } from '../../support/collection-fixtures.ts';
import { runTidemark, startServing } from '../../support/processes.ts';
import { servers } from '../../support/servers.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

const inline = 'canary-inline-4711';
const fromVariable = 'canary-variable-4712';
const fromFile = 'canary-file-4713';
const wrong = 'canary-wrong-4714';
const stored = 'canary-stored-4715';
const token = 'canary-token-4716';
const canaries = [inline, fromVariable, fromFile, wrong, stored, token];
const roles = { canary_inline: inline, canary_variable: fromVariable, canary_file: fromFile, canary_stored: stored };

let repository: TestDatabase;
const folder = createTemporaryFolder();

beforeAll(async () => {
  repository = await createTestDatabase();
  await asSuperuser(
    'postgres',
    ...Object.entries(roles).map(([role, word]) => `CREATE ROLE ${role} LOGIN PASSWORD '${word}'`),
  );
});

afterAll(async () => {
  await asSuperuser('postgres', ...Object.keys(roles).map((role) => `DROP ROLE ${role}`));
  folder.remove();
  await repository.close();
});

/** Every row of every table, as text. */
async function dump(): Promise<string> {
  const { rows: tables } = await repository.pool.query<{ name: string }>(
    `SELECT quote_ident(relname) AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  );
  const parts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await repository.pool.query<{ line: string }>(`SELECT t::text AS line FROM ${name} AS t`);
    parts.push(name, ...rows.map((row) => row.line));
  }
  return parts.join('\n');
}

test('no password shows in logs at their loudest, answers, metrics, the process list or the repository', async () => {
  const { port } = servers().postgresql;
  const instance = (name: string, username: string, password: string) => ({
    ...{ name, engine: 'postgresql', host: '127.0.0.1', port, username, password, include: ['postgres'] },
  });
  folder.write('word', `${fromFile}\n`);
  folder.write('key', Buffer.alloc(32, 7).toString('base64'));
  folder.write(
    'tidemark.yaml',
    configurationOf([
      instance('inline', 'canary_inline', inline),
      instance('variable', 'canary_variable', '${CANARY}'),
      instance('file', 'canary_file', 'file:word'),
      instance('wrong', 'canary_inline', wrong),
    ]),
  );
  const environment = {
    DATABASE_URL: repository.url.reveal(),
    CANARY: fromVariable,
    TIDEMARK_CONFIG: `${folder.path}/tidemark.yaml`,
    TIDEMARK_ENCRYPTION_KEY_FILE: `${folder.path}/key`,
    TIDEMARK_LOG_LEVEL: 'trace',
    TIDEMARK_ADMIN_TOKEN: token,
    TIDEMARK_ALLOW_LOCAL_TARGETS: 'true',
  };
  const address = ['--engine', 'postgresql', '--host', '127.0.0.1', '--port', String(port), '--include', 'postgres'];
  const added = await runTidemark(
    ['instances', 'add', 'stored', ...address, '--username', 'canary_stored', '--password-stdin'],
    { environment, input: stored },
  );
  expect(added).toMatchObject({ code: 0 });
  const serving = await startServing({ environment });
  const said: string[] = [added.stdout, added.stderr];
  try {
    await until(async () => (await dump()).includes('access denied'), 'the first run has ended');
    await until(async () => {
      const { rows } = await repository.pool.query<{ open: number }>(
        `SELECT count(*) AS open FROM collection_sessions WHERE status = 'running'`,
      );
      return rows[0]?.open === 0;
    }, 'all have ended');
    said.push(readFileSync(`/proc/${serving.pid}/cmdline`, 'utf8'));
    const headers = { authorization: `Bearer ${token}` };
    const paths = ['/', '/metrics', '/api/v1/instances', '/readyz', '/api/v1/nothing', '/api/v1/growth?days=7'];
    for (const path of paths) said.push(await (await fetch(serving.url + path, { headers })).text());
    const list = (await (await fetch(`${serving.url}/api/v1/instances`, { headers })).json()) as {
      data: { id: number }[];
    };
    for (const { id } of list.data) {
      said.push(await (await fetch(`${serving.url}/api/v1/instances/${id}/test`, { method: 'POST', headers })).text());
    }
  } finally {
    serving.kill('SIGTERM');
    await serving.ended;
  }
  said.push(serving.output(), (await runTidemark(['credentials', 'list'], { environment })).stdout, await dump());
  const everything = said.join('\n');
  // The logins were used: four were good, one was refused.
  const { rows } = await repository.pool.query<{ status: string; count: number }>(
    'SELECT status, count(*) AS count FROM collection_records GROUP BY status ORDER BY status',
  );
  expect(rows).toEqual([
    { status: 'failed', count: 1 },
    { status: 'succeeded', count: 4 },
  ]);
  for (const canary of canaries) {
    const at = everything.indexOf(canary);
    expect(at === -1 ? null : everything.slice(Math.max(0, at - 80), at + 40)).toBeNull();
  }
});
