import { TidemarkError } from '../../errors.ts';
import type { Finding } from '../engine.ts';
import type { Grantee } from './grants.ts';
import type { Reach, Statement } from './statements.ts';

/** A server that answers, and where on it the login ended up. */
export interface OracleServer {
  readonly grantee: Grantee;
  /** The container that was logged in to. Its id is 0 where there are no containers, 1 in the root of a CDB. */
  readonly container: { readonly id: string; readonly name: string };
  /** @throws TidemarkError, also `permission_denied` with the GRANT */
  rows<Row>(statement: Statement): Promise<Row[]>;
}

/** A row of a view that tells of several containers; the id is missing where only the own one is asked. */
export interface ContainerRow {
  readonly con_id?: string;
}

const withoutContainers = '0';
const root = '1';

export function isRoot({ container }: OracleServer): boolean {
  return container.id === root;
}

/** Whether the redo logs are those of this database: a pluggable one has none of its own. */
export function ownsRedoLogs({ container }: OracleServer): boolean {
  return [withoutContainers, root].includes(container.id);
}

export function reachOf(server: OracleServer): Reach {
  return isRoot(server) ? 'cdb' : 'dba';
}

/** @throws what is no error of ours */
export function asFinding(databaseName: string | null, error: unknown): Finding {
  if (!(error instanceof TidemarkError)) throw error;
  const code = error.code === 'query_failed' && databaseName !== null ? 'database_unreadable' : error.code;
  return { databaseName, code, message: error.message };
}

/** Reads what the sizes can do without: what goes wrong is a warning. */
export async function warned(warnings: Finding[], read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    warnings.push(asFinding(null, error));
  }
}
