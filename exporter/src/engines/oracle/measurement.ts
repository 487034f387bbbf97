import { TidemarkError } from '../../errors.ts';
import type {
  DatabaseMeasurement,
  Finding,
  InstanceMeasurement,
  MeasureOptions,
  StorageMeasurement,
} from '../engine.ts';
import { allocated } from '../storage.ts';
import { findContainers, type Container } from './containers.ts';
import { containerGrant, grantsFor } from './grants.ts';
import { asFinding, isRoot, ownsRedoLogs, reachOf, warned, type ContainerRow, type OracleServer } from './server.ts';
import { sizeDatabase, sizeDiskGroup, sizeRedo, type DiskGroupRow, type FileRow, type RedoRow } from './sizes.ts';
import { controlFileSizes, listDiskGroups, listFiles, listRedoLogs } from './statements.ts';
import { readUsed } from './used.ts';

/** The redo logs of the database that was logged in to; null bytes and no problem: it has none of its own. */
interface Redo {
  readonly bytes: number | null;
  readonly problem: TidemarkError | null;
}

/**
 * Measures what the login can reach. The redo logs are counted once: in the root of a CDB, or in the database that has no
 * containers. A size that is not known is a failure; what else is not known is null, with a warning where that can be mended.
 * @throws TidemarkError when nothing can be measured
 */
export async function measureServer(server: OracleServer, { wanted }: MeasureOptions): Promise<InstanceMeasurement> {
  const warnings: Finding[] = [];
  const containers = await findContainers(server, warnings);
  const files = { data: await readFiles(server, 'data'), temporary: await readFiles(server, 'temp') };
  const redo = await readRedo(server);
  const used = await readUsed(server, warnings);
  const databases: DatabaseMeasurement[] = [];
  const failures: Finding[] = [];
  const storage: StorageMeasurement[] = [];
  for (const container of containers.filter(({ name }) => wanted(name))) {
    const isIts = (row: ContainerRow): boolean => (row.con_id ?? container.id) === container.id;
    const isHome = container.id === server.container.id;
    try {
      const dataFiles = files.data.filter(isIts);
      refuseHidden(container, dataFiles, server);
      if (isHome && redo.problem !== null) throw redo.problem;
      const measured = sizeDatabase({
        name: container.name,
        dataFiles,
        temporaryFiles: files.temporary.filter(isIts),
        redoBytes: isHome ? redo.bytes : null,
        used: used.get(container.id) ?? new Map<string, bigint>(),
      });
      databases.push(measured.database);
      storage.push(...measured.storage);
    } catch (error) {
      failures.push(asFinding(container.name, error));
    }
  }
  if (redo.bytes !== null) storage.push(allocated('log', 'redo', redo.bytes));
  else if (redo.problem !== null && !wanted(server.container.name)) warnings.push(asFinding(null, redo.problem));
  if ([...files.data, ...files.temporary].some(isOnAsm)) {
    await warned(warnings, async () => {
      storage.push(...(await server.rows<DiskGroupRow>(listDiskGroups)).map(sizeDiskGroup));
    });
  }
  return { databases, storage, failures, warnings };
}

async function readFiles(server: OracleServer, kind: 'data' | 'temp'): Promise<FileRow[]> {
  const files = await server.rows<FileRow>(listFiles(reachOf(server), kind));
  if (files.every((file) => file.bytes !== null)) return files;
  const sizes = await server.rows<{ file_id: string; bytes: string | null }>(controlFileSizes(kind));
  const known = new Map(sizes.filter(({ bytes }) => bytes !== '0').map((row) => [row.file_id, row.bytes]));
  return files.map((file) => ({ ...file, bytes: file.bytes ?? known.get(file.file_id) ?? null }));
}

async function readRedo(server: OracleServer): Promise<Redo> {
  if (!ownsRedoLogs(server)) return { bytes: null, problem: null };
  try {
    return { bytes: sizeRedo(await server.rows<RedoRow>(listRedoLogs)), problem: null };
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    return { bytes: null, problem: error };
  }
}

/** Every database has data files: none at all means that they are hidden, and never that its size is 0. */
function refuseHidden(container: Container, dataFiles: readonly FileRow[], server: OracleServer): void {
  if (container.problem !== null) throw container.problem;
  if (dataFiles.length > 0) return;
  const { grantee } = server;
  const grants = grantsFor(grantee, [`${reachOf(server)}_data_files`]);
  const message = `the server shows no data files of this database to ${grantee.username}: run ${grants}`;
  throw new TidemarkError('permission_denied', isRoot(server) ? `${message} and ${containerGrant(grantee)}` : message);
}

function isOnAsm(file: FileRow): boolean {
  return file.file_name?.startsWith('+') === true;
}
