import PgBoss from 'pg-boss';
import type pg from 'pg';

/** What the exporters of a repository share: scheduled jobs, and the instances of a run. */
export type QueueName = 'tidemark-jobs' | 'tidemark-instances';

const queueNames: readonly QueueName[] = ['tidemark-jobs', 'tidemark-instances'];

/** Of its own, so that another application in the same database can have another version. */
const schema = 'tidemark_queue';

/** Something to do. */
export interface QueueEntry {
  /** Chosen by us, so that what it belongs to can name it in the same transaction. */
  readonly id: string;
  readonly data: object;
  readonly startAfterSeconds?: number;
  /** How often `retry` may be called. */
  readonly retryLimit?: number;
  readonly priority?: number;
}

/** Something that was taken from the queue. */
export interface TakenEntry<Data> {
  readonly id: string;
  readonly data: Data;
  /** Retries that are left. */
  readonly retriesLeft: number;
  readonly priority: number;
}

/** Seconds before the first retry; pg-boss doubles them with each further one. */
const retryDelay = 4;

/** A connection within a transaction: what the queue does is done with what else the transaction does, or not at all. */
type TransactionClient = Pick<pg.ClientBase, 'query'>;

/**
 * pg-boss on the repository. It holds only what is still to be done: whoever finishes an entry removes it, and the history is
 * kept by records and job runs. Leases are kept there too, because pg-boss 10 knows a fixed expiry but no sign of life.
 */
export class Queue {
  readonly #boss: PgBoss;

  constructor() {
    const unused = { executeSql: () => Promise.reject(new Error('the queue is used within transactions only')) };
    this.#boss = bossOn(unused);
  }

  async insert(client: TransactionClient, name: QueueName, entries: readonly QueueEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const jobs = entries.map(({ startAfterSeconds = 0, ...entry }) => ({
      ...entry,
      ...{ name, startAfter: String(startAfterSeconds), retryDelay, retryBackoff: true },
    }));
    await this.#boss.insert(jobs, { db: databaseOf(client) });
  }

  /** Takes up to so many entries; nobody else gets them, unless the transaction is rolled back. */
  async take<Data>(client: TransactionClient, name: QueueName, count: number): Promise<TakenEntry<Data>[]> {
    const errors: unknown[] = [];
    // pg-boss takes an error of this statement for "nothing there".
    const db: PgBoss.Db = {
      executeSql: async (text, values) => {
        try {
          return await client.query(text, values);
        } catch (error) {
          errors.push(error);
          throw error;
        }
      },
    };
    const jobs = await this.#boss.fetch<Data>(name, { batchSize: count, includeMetadata: true, db });
    if (errors.length > 0) throw errors[0];
    return jobs.map(({ id, data, retryCount, retryLimit, priority }) => ({
      ...{ id, data, priority },
      retriesLeft: retryLimit - retryCount,
    }));
  }

  /** Gives a taken entry back for another try, after the delay of the queue's backoff. */
  async retry(client: TransactionClient, name: QueueName, ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.#boss.fail(name, id, {}, { db: databaseOf(client) });
  }

  /** Removes entries, taken or not; those that are gone already are no error. */
  async remove(client: TransactionClient, name: QueueName, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#boss.deleteJob(name, [...ids], { db: databaseOf(client) });
  }
}

/** Makes or upgrades the tables of the queue. Not to be done by two exporters at once. */
export async function installQueue(client: pg.ClientBase): Promise<void> {
  const boss = bossOn(databaseOf(client));
  await boss.start();
  for (const name of queueNames) await boss.createQueue(name, { name, policy: 'standard' });
  await boss.stop({ graceful: false });
}

function bossOn(db: PgBoss.Db): PgBoss {
  // No timers: there is nothing to expire and nothing to archive.
  const boss = new PgBoss({ db, schema, supervise: false, schedule: false });
  boss.on('error', () => undefined);
  return boss;
}

function databaseOf(client: TransactionClient): PgBoss.Db {
  return { executeSql: (text, values) => client.query(text, values) };
}
