import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { runTidemark, startServing, type Ended, type ServingProcess } from '../support/processes.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
const folder = createTemporaryFolder();

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  folder.remove();
  await database.close();
});

beforeEach(() => database.pool.query('TRUNCATE api_tokens, audit_log'));

const tokens = (...args: string[]): Promise<Ended> =>
  runTidemark(['tokens', ...args], { environment: { DATABASE_URL: database.url.reveal() } });

async function statusWith(serving: ServingProcess, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, connection: 'close' };
  return (await fetch(`${serving.url}/api/v1/me`, { headers })).status;
}

describe('tidemark tokens', () => {
  test('makes a token, lists it without showing it, and revokes it', async () => {
    const made = await tokens('create', 'crm-team', '--role', 'owner', '--owner', 'crm', '--days', '30');
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^tmk_[\w-]{43}\n$/) });
    const list = await tokens('list');
    expect(list.stdout).toMatch(
      /ID +NAME +ROLE +OWNER +STATE +LAST USED +CREATED BY\n\d+ +crm-team +owner +crm +until .*Z +never +command line\n/,
    );
    expect(list.stdout).not.toContain(made.stdout.trim());
    expect(await tokens('revoke', 'crm-team')).toMatchObject({ code: 0 });
    expect((await tokens('list')).stdout).toContain('revoked');
    expect(await tokens('revoke', 'crm-team')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no token "crm-team"'),
    });
    const { rows } = await database.pool.query('SELECT actor, action, object_name FROM audit_log ORDER BY id');
    expect(rows).toEqual([
      { actor: 'command line', action: 'create', object_name: 'crm-team' },
      { actor: 'command line', action: 'revoke', object_name: 'crm-team' },
    ]);
  });

  test('keeps the last one that may do everything', async () => {
    await tokens('create', 'only', '--role', 'admin');
    expect(await tokens('revoke', 'only')).toMatchObject({ code: 2, stderr: expect.stringContaining('make another') });
    await tokens('create', 'second', '--role', 'admin');
    expect(await tokens('revoke', 'only')).toMatchObject({ code: 0 });
  });

  test.each([
    [['create', 'a', '--role', 'owner'], '--owner'],
    [['create', 'a', '--role', 'viewer', '--owner', 'x'], '--owner'],
    [['create', 'a', '--role', 'god'], 'Allowed choices'],
    [['create', 'a'], '--role'],
    [['create', 'a', '--role', 'viewer', '--days', '0'], 'number of days'],
  ])('%j is wrong usage', async (args, said) => {
    const ended = await tokens(...args);
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(said) });
  });
});

describe('the first token', () => {
  test('of the environment opens the API, and the one before it does not any more', async () => {
    const environment = { DATABASE_URL: database.url.reveal(), COLLECT_DB_SIZE_ENABLED: 'false' };
    const first = await startServing({ environment: { ...environment, TIDEMARK_ADMIN_TOKEN: 'first-token-0123456' } });
    expect(await statusWith(first, 'first-token-0123456')).toBe(200);
    first.kill('SIGTERM');
    await first.ended;
    folder.write('token', 'second-token-0123456\n');
    const second = await startServing({
      environment: { ...environment, TIDEMARK_ADMIN_TOKEN: '', TIDEMARK_ADMIN_TOKEN_FILE: join(folder.path, 'token') },
    });
    expect(await statusWith(second, 'second-token-0123456')).toBe(200);
    expect(await statusWith(second, 'first-token-0123456')).toBe(401);
    second.kill('SIGTERM');
    const { stdout, stderr } = await second.ended;
    expect(stdout + stderr).not.toContain('second-token');
  });

  test('is made where there is none, shown once, and kept beside the embedded repository', async () => {
    // As root the embedded server runs as another user.
    chmodSync(folder.path, 0o755);
    const environment = {
      ...{ TIDEMARK_DATA_DIR: join(folder.path, 'data'), TIDEMARK_ADMIN_TOKEN: '', COLLECT_DB_SIZE_ENABLED: 'false' },
    };
    const path = join(folder.path, 'data', 'admin-token');
    const first = await startServing({ environment });
    const token = /\n {4}(tmk_[\w-]{43})\n/.exec(first.output())?.[1] ?? '';
    expect(await statusWith(first, token)).toBe(200);
    first.kill('SIGTERM');
    await first.ended;
    expect(readFileSync(path, 'utf8')).toBe(`${token}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const second = await startServing({ environment });
    expect(await statusWith(second, token)).toBe(200);
    second.kill('SIGTERM');
    const { stdout, stderr } = await second.ended;
    expect(stdout + stderr).not.toContain('tmk_');
    expect(existsSync(path)).toBe(true);
  }, 120_000);
});
