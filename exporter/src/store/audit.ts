import { isDeepStrictEqual } from 'node:util';
import type { Queryable } from './pool.ts';

/** What a token allows. */
export type Role = 'admin' | 'viewer' | 'owner';

/** Who does something: a token of the API, or whoever runs the command line. */
export interface Actor {
  /** Of the token, or `command line`. */
  readonly name: string;
  readonly role: Role;
  /** Whose instances it may see; null: all. */
  readonly owner: string | null;
}

/** The command line has the repository's own address: it may do everything. */
export const commandLine: Actor = { name: 'command line', role: 'admin', owner: null };

/** Fields that changed, with their values before and after; a value that was not there is null. */
export type Changes = Readonly<Record<string, readonly [before: unknown, after: unknown]>>;

/** What somebody did to something. */
export interface AuditEntry {
  /** `create`, `update`, `delete`, `revoke`, … */
  readonly action: string;
  readonly objectType: 'instance' | 'credential' | 'setting' | 'token';
  readonly objectId: number | null;
  readonly objectName: string;
  readonly changes: Changes;
}

/**
 * Writes down who changed what.
 * @param client of the transaction that makes the change: both are stored, or neither
 */
export async function audit(client: Queryable, actor: Actor, entry: AuditEntry): Promise<void> {
  await client.query(
    `INSERT INTO audit_log (actor, role, action, object_type, object_id, object_name, changes)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [actor.name, actor.role, entry.action, entry.objectType, entry.objectId, entry.objectName, entry.changes],
  );
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * What differs between two states; null stands for an object that is not there.
 * @param secrets fields of which only is said that they changed
 */
export function changesBetween(before: Fields | null, after: Fields | null, secrets: readonly string[] = []): Changes {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  const changes: Record<string, readonly [unknown, unknown]> = {};
  for (const name of names) {
    const values = [before?.[name] ?? null, after?.[name] ?? null] as const;
    if (isDeepStrictEqual(values[0], values[1])) continue;
    changes[name] = secrets.includes(name) ? [masked(values[0]), masked(values[1])] : values;
  }
  return changes;
}

function masked(secret: unknown): string | null {
  return secret === null ? null : '******';
}
