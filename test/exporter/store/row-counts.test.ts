import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { approximateRows } from '../../../exporter/src/store/row-counts.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
const large = 65 * 1_048_576;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query('CREATE TABLE "quoted ""name" AS SELECT generate_series(1, 7)');
});
afterAll(() => database.close());

test.each([
  ['a small one is counted', 8192, 1000, 7],
  ['a large one is not', large, 1_500_000.4, 1_500_000],
  ['a large one of which the server knows nothing is counted', large, -1, 7],
  ['so is one that was empty when the server looked', large, 0, 7],
])('%s', async (_, bytes, estimatedRows, rows) => {
  expect(await approximateRows(database.pool, { name: 'quoted "name', bytes, estimatedRows })).toBe(rows);
});
