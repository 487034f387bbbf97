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
  /** Until when its token may be used; null: for good. */
  readonly expiresAt: Date | null;
}

/** The command line has the repository's own address: it may do everything. */
export const commandLine: Actor = { name: 'command line', role: 'admin', owner: null, expiresAt: null };

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

/** What is on record of one change. */
export interface AuditRecord extends AuditEntry {
  readonly id: number;
  readonly at: Date;
  readonly actor: string;
  readonly role: Role;
}

/** Which changes are listed; days are YYYY-MM-DD in the time zone, both included. */
export interface AuditQuery {
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
  readonly startDate?: string | undefined;
  readonly endDate?: string | undefined;
  readonly timezone: string;
  readonly limit: number;
  readonly offset: number;
}

/** The newest first, a page at a time. */
export async function listAudit(
  client: Queryable,
  query: AuditQuery,
): Promise<{ entries: AuditRecord[]; total: number }> {
  const condition = `($1::text IS NULL OR action = $1) AND ($2::text IS NULL OR actor = $2)
    AND ($3::date IS NULL OR at >= $3::date::timestamp AT TIME ZONE $5)
    AND ($4::date IS NULL OR at < ($4::date + 1)::timestamp AT TIME ZONE $5)`;
  const filter = [
    query.action ?? null,
    query.actor ?? null,
    query.startDate ?? null,
    query.endDate ?? null,
    query.timezone,
  ];
  const { rows } = await client.query<AuditRecord>(
    `SELECT id, at, actor, role, action, object_type AS "objectType", object_id AS "objectId", object_name AS "objectName",
       changes
     FROM audit_log
     WHERE ${condition}
     ORDER BY id DESC
     LIMIT $6 OFFSET $7`,
    [...filter, query.limit, query.offset],
  );
  const count = await client.query<{ total: number }>(
    `SELECT count(*) AS total FROM audit_log WHERE ${condition}`,
    filter,
  );
  return { entries: rows, total: count.rows[0]?.total ?? 0 };
}
