import { execFile } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { addInstance } from '../support/fleet-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const command = fileURLToPath(new URL('../../exporter/bin/tidemark.js', import.meta.url));
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  for (let index = 0; index < 2_000; index += 1) await addInstance(database.pool, `instance-${index}`);
});

afterAll(() => database.close());

test('a command whose reader has had enough ends in order', async () => {
  const line = `set -o pipefail; "${process.execPath}" "${command}" instances list | head -1`;
  const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', '-c', line], {
    env: { PATH: process.env.PATH, DATABASE_URL: database.url.reveal() },
  });
  expect(stdout).toMatch(/^NAME +ENGINE/);
  expect(stderr).toBe('');
});
