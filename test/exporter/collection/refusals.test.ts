import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runCollection } from '../../../exporter/src/collection/run.ts';
import type { CollectionSession } from '../../../exporter/src/store/sessions.ts';
import {
  collectingLogger,
  collectionContext,
  recordProgress,
  type InstanceEntry,
} from '../../support/collection-fixtures.ts';
import { instanceOfTestServer } from '../../support/exporters.ts';
import { startTalkingServer } from '../../support/fake-servers.ts';
import { createTestDatabase, testDeadlines, type TestDatabase } from '../../support/test-database.ts';

let repository: TestDatabase;

beforeEach(async () => {
  repository = await createTestDatabase();
});

afterEach(() => repository.close());

async function run(instances: readonly InstanceEntry[]): Promise<{ session: CollectionSession; messages: unknown[] }> {
  const { log, lines } = collectingLogger();
  const deadlines = { ...testDeadlines, lease: 600 };
  const context = await collectionContext(repository.pool, instances, { log, deadlines });
  const session = await runCollection(context, { trigger: 'command', progress: recordProgress() });
  return { session, messages: lines.map((line) => line.msg) };
}

async function recordOf(name: string): Promise<unknown> {
  const { rows } = await repository.pool.query<Record<string, unknown>>(
    `SELECT r.status, r.attempt, r.error_code AS code, r.error_message AS message
     FROM collection_records AS r
     JOIN instances AS i ON i.id = r.instance_id
     WHERE i.name = $1`,
    [name],
  );
  return rows[0];
}

/** Refuses to end the record of an instance called "refused" for so many times, with this SQLSTATE. */
async function refuse(condition: string, times: number, sqlstate: string): Promise<void> {
  await repository.pool.query(`
    CREATE SEQUENCE refusals;
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- A sequence counts on where a transaction is rolled back.
      IF nextval('refusals') <= ${times} THEN
        RAISE EXCEPTION 'not this one' USING ERRCODE = '${sqlstate}';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON collection_records FOR EACH ROW
    WHEN (NEW.finished_at IS NOT NULL AND ${condition}) EXECUTE FUNCTION refuse();`);
}

test('words of a server that the repository cannot hold are stored as far as it can', async () => {
  const message = Buffer.from('Host \0 is blocked', 'latin1');
  const packet = Buffer.concat([Buffer.from([0xff, 0x69, 0x04]), message]);
  const header = Buffer.from([packet.length, 0, 0, 0]);
  const server = await startTalkingServer(Buffer.concat([header, packet]), 'at once');
  try {
    const broken = { name: 'broken', engine: 'mysql', host: '127.0.0.1', port: server.port, username: 'x' };
    const { session } = await run([broken, instanceOfTestServer('good')]);
    expect(session).toMatchObject({ status: 'partial', instances: { succeeded: 1, failed: 1 } });
    expect(await recordOf('broken')).toMatchObject({ message: expect.stringContaining('Host \uFFFD is blocked') });
  } finally {
    await server.close();
  }
});

test('a result that the repository refuses is a failure on record, and costs the others nothing', async () => {
  await refuse("NEW.status = 'succeeded' AND NEW.instance_id = 1", 1000, '23514');
  const { session, messages } = await run([instanceOfTestServer('refused'), instanceOfTestServer('good')]);
  expect(session).toMatchObject({ status: 'partial', instances: { succeeded: 1, failed: 1 } });
  expect(await recordOf('refused')).toMatchObject({
    ...{ status: 'failed', code: 'internal', message: 'measured, but the repository refused it: not this one' },
  });
  expect(messages).toContain('a measurement could not be stored');
});

test('a failure that the repository refuses to record is let go, and comes again with its lease', async () => {
  await refuse('NEW.instance_id = 1', 3, '23514');
  const { session, messages } = await run([instanceOfTestServer('refused'), instanceOfTestServer('good')]);
  expect(session).toMatchObject({ status: 'succeeded', instances: { succeeded: 2 } });
  expect(await recordOf('refused')).toMatchObject({ status: 'succeeded', attempt: 2 });
  expect(messages).toContain('a failure could not be recorded');
});

test('what is refused because of a deadlock is stored with the next try', async () => {
  await refuse('NEW.instance_id = 1', 4, '40P01');
  const { session } = await run([instanceOfTestServer('refused'), instanceOfTestServer('good')]);
  expect(session).toMatchObject({ status: 'succeeded', instances: { succeeded: 2 } });
  expect(await recordOf('refused')).toMatchObject({ status: 'succeeded', attempt: 1 });
});
