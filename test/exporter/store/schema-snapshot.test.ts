import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** Tables, columns, constraints, indexes and triggers, without the partitions of single months. A change of it is to be a migration. */
test('the schema that the migrations make is the one on record', async () => {
  const { rows } = await database.pool.query<{ line: string }>(`
    WITH tables AS (
      SELECT oid, relname, relkind, reloptions
      FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname !~ '_[0-9]{4}_[0-9]{2}$'
    )
    SELECT line FROM (
      SELECT relname AS name, 1 AS part, '' AS item, format('table %s%s%s', relname,
        CASE relkind WHEN 'p' THEN ' partitioned by ' || pg_get_partkeydef(oid) ELSE '' END,
        coalesce(' with ' || array_to_string(reloptions, ', '), '')) AS line
      FROM tables
      UNION ALL
      SELECT relname, 2, attname, format('  column %s %s%s%s', attname, format_type(atttypid, atttypmod),
        CASE WHEN attnotnull THEN ' not null' ELSE '' END,
        coalesce(CASE WHEN attidentity <> '' THEN ' identity' WHEN attgenerated <> '' THEN ' generated ' ELSE ' default ' END
          || pg_get_expr(adbin, adrelid), CASE WHEN attidentity <> '' THEN ' identity' ELSE '' END))
      FROM tables
      JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
      UNION ALL
      SELECT relname, 3, conname, format('  constraint %s %s', conname, pg_get_constraintdef(pg_constraint.oid))
      FROM tables
      JOIN pg_constraint ON conrelid = tables.oid AND contype <> 'n'
      UNION ALL
      SELECT tables.relname, 4, i.relname, '  ' || pg_get_indexdef(i.oid)
      FROM tables
      JOIN pg_index ON indrelid = tables.oid
      JOIN pg_class AS i ON i.oid = indexrelid
      UNION ALL
      SELECT relname, 5, tgname, '  ' || pg_get_triggerdef(pg_trigger.oid)
      FROM tables
      JOIN pg_trigger ON tgrelid = tables.oid AND NOT tgisinternal
    ) AS lines
    ORDER BY name COLLATE "C", part, item COLLATE "C"`);
  expect(rows.map((row) => row.line).join('\n')).toMatchSnapshot();
});
