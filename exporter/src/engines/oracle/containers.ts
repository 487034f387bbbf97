import { TidemarkError } from '../../errors.ts';
import type { Finding } from '../engine.ts';
import { containerGrant, quoteIdentifier } from './grants.ts';
import { isRoot, type OracleServer } from './server.ts';
import { listContainers, listPluggableDatabases } from './statements.ts';

/** A database to measure, or why it cannot be. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly problem: TidemarkError | null;
}

interface ContainerState {
  readonly con_id: string;
  readonly name: string;
  readonly open_mode: string | null;
}

interface PluggableDatabase {
  readonly con_id: string;
  readonly name: string;
  readonly status: string | null;
}

/** What every CDB has: the template of its pluggable databases, which is nobody's data. */
const seed = 'PDB$SEED';

/**
 * The databases that can be measured from here: in the root of a CDB the root itself and each pluggable database but the seed,
 * else the one that was logged in to. V$CONTAINERS leaves out what the CONTAINER_DATA of the user does not allow, without an
 * error; DBA_PDBS does not, which is how they are noticed.
 */
export async function findContainers(server: OracleServer, warnings: Finding[]): Promise<Container[]> {
  if (!isRoot(server)) return [{ ...server.container, problem: null }];
  const states = await server.rows<ContainerState>(listContainers);
  const listed = await server.rows<PluggableDatabase>(listPluggableDatabases);
  if (!states.some((state) => state.name === seed)) warnings.push(hiddenContainers(server));
  const pluggable = listed
    .filter(({ name }) => name !== seed)
    .map((database) => ({
      id: database.con_id,
      name: database.name,
      problem: problemOf(
        database,
        states.find((state) => state.con_id === database.con_id),
        server,
      ),
    }));
  return [{ ...server.container, problem: null }, ...pluggable.sort((a, b) => (a.name < b.name ? -1 : 1))];
}

function problemOf(
  { name, status }: PluggableDatabase,
  state: ContainerState | undefined,
  { grantee }: OracleServer,
): TidemarkError | null {
  if (state === undefined) {
    const message = `the server hides this database from ${grantee.username}: run ${containerGrant(grantee)}`;
    return new TidemarkError('permission_denied', message);
  }
  if (state.open_mode !== null && state.open_mode !== 'MOUNTED') return null;
  const database = quoteIdentifier(name);
  if (status === 'UNPLUGGED') {
    const message = `the database is unplugged: run DROP PLUGGABLE DATABASE ${database} KEEP DATAFILES; once it is in use elsewhere`;
    return new TidemarkError('database_unreadable', message);
  }
  const message =
    'the database is not open, and only then does the server know its files: ' +
    `run ALTER PLUGGABLE DATABASE ${database} OPEN; and SAVE STATE to have it opened at start-up`;
  return new TidemarkError('database_unreadable', message);
}

/** Every CDB has a seed: who cannot see it does not see everything. */
function hiddenContainers({ grantee }: OracleServer): Finding {
  const message = `the server shows only some of its containers to ${grantee.username}: run ${containerGrant(grantee)}`;
  return { databaseName: null, code: 'permission_denied', message };
}
