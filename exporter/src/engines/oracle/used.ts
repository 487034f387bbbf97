import type { Finding } from '../engine.ts';
import { reachOf, warned, type ContainerRow, type OracleServer } from './server.ts';
import { exact } from './sizes.ts';
import { listTablespaces, temporarySpace, usedSpace } from './statements.ts';

/** Used bytes by container, then by tablespace; what is missing is not known. */
export type UsedBytes = ReadonlyMap<string, ReadonlyMap<string, bigint>>;

interface TablespaceRow extends ContainerRow {
  readonly tablespace: string;
  readonly contents: string;
  readonly block_size: string;
}

interface UsedRow extends ContainerRow {
  readonly tablespace: string;
  readonly used_blocks: string | null;
}

interface TemporaryRow extends ContainerRow {
  readonly tablespace: string;
  readonly size_bytes: string | null;
  readonly free_bytes: string | null;
}

/** Reads what is used inside the files. A tablespace that is offline is in none of the views. */
export async function readUsed(server: OracleServer, warnings: Finding[]): Promise<UsedBytes> {
  const used = new UsedTable(server.container.id);
  await warned(warnings, () => readUsedBlocks(server, used));
  await warned(warnings, () => readTemporary(server, used));
  return used.byContainer;
}

/** Blocks x block size of the tablespace. Temporary ones are listed too, but the other view tells more of them. */
async function readUsedBlocks(server: OracleServer, used: UsedTable): Promise<void> {
  const reach = reachOf(server);
  const tablespaces = await server.rows<TablespaceRow>(listTablespaces(reach));
  for (const row of await server.rows<UsedRow>(usedSpace(reach))) {
    const tablespace = tablespaces.find((other) => other.con_id === row.con_id && other.tablespace === row.tablespace);
    if (tablespace === undefined || tablespace.contents === 'TEMPORARY' || row.used_blocks === null) continue;
    used.add(row, exact(row.used_blocks, row.tablespace) * exact(tablespace.block_size, row.tablespace));
  }
}

async function readTemporary(server: OracleServer, used: UsedTable): Promise<void> {
  for (const row of await server.rows<TemporaryRow>(temporarySpace(reachOf(server)))) {
    if (row.size_bytes === null || row.free_bytes === null) continue;
    const bytes = exact(row.size_bytes, row.tablespace) - exact(row.free_bytes, row.tablespace);
    used.add(row, bytes < 0n ? 0n : bytes);
  }
}

class UsedTable {
  readonly byContainer = new Map<string, Map<string, bigint>>();
  readonly #ownContainer: string;

  constructor(ownContainer: string) {
    this.#ownContainer = ownContainer;
  }

  /** Adds up: a cluster lists a temporary tablespace once for each of its instances where these have their own files. */
  add(row: ContainerRow & { readonly tablespace: string }, bytes: bigint): void {
    const id = row.con_id ?? this.#ownContainer;
    const tablespaces = this.byContainer.get(id) ?? new Map<string, bigint>();
    this.byContainer.set(id, tablespaces.set(row.tablespace, bytes + (tablespaces.get(row.tablespace) ?? 0n)));
  }
}
