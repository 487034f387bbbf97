import type pg from 'pg';
import { audit, type Actor } from './audit.ts';
import { inTransaction, lockInTransaction, type Queryable } from './pool.ts';

/** A setting that somebody has set. */
export interface StoredSetting {
  readonly name: string;
  /** Null: it was set back to what is standard. */
  readonly value: unknown;
  readonly changedBy: string;
  readonly changedAt: Date;
}

export async function readSettings(client: Queryable): Promise<StoredSetting[]> {
  const { rows } = await client.query<StoredSetting>(
    `SELECT name, value, changed_by AS "changedBy", changed_at AS "changedAt" FROM settings ORDER BY name`,
  );
  return rows;
}

/** Another value for a setting. */
export interface SettingChange {
  readonly name: string;
  readonly before: unknown;
  /** Null: back to what is standard. */
  readonly after: unknown;
}

/** Stores changes and who made them, all or none. */
export async function saveSettings(pool: pg.Pool, actor: Actor, changes: readonly SettingChange[]): Promise<void> {
  await inTransaction(pool, async (client) => {
    await lockInTransaction(client, 'settings');
    for (const { name, before, after } of changes) {
      await client.query(
        `INSERT INTO settings (name, value, changed_by)
         VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by, changed_at = now()`,
        [name, JSON.stringify(after), actor.name],
      );
      await audit(client, actor, {
        ...{ action: 'update', objectType: 'setting', objectId: null, objectName: name },
        changes: { value: [before, after] },
      });
    }
  });
}
