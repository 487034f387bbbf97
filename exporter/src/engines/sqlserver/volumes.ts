import { dirname } from 'node:path/posix';
import { toBytes } from '../bytes.ts';
import type { StorageMeasurement } from '../engine.ts';
import type { FileVolume } from './sizes.ts';

/** The volume under one file, as the statement selects it. */
export interface VolumeRow {
  readonly database_id: number;
  readonly file_id: number;
  readonly physical_name: string;
  readonly mount_point: string | null;
  readonly total_bytes: string | null;
  readonly available_bytes: string | null;
}

interface Volume extends FileVolume {
  readonly totalBytes: bigint;
}

/** The volumes under the files of an instance; none where the server may not say. */
export class Volumes {
  readonly #volumes = new Map<string, Volume>();
  readonly #nameByFile = new Map<string, string>();

  constructor(rows: readonly VolumeRow[]) {
    // Storage that is no volume of the server (blobs) has no size of its own.
    const sized = rows.filter((row) => Number(row.total_bytes ?? 0) > 0 && row.available_bytes !== null);
    const nameOf = namesOf(sized);
    for (const row of sized) {
      const name = nameOf(row);
      const totalBytes = BigInt(row.total_bytes ?? 0);
      const available = BigInt(row.available_bytes ?? 0);
      // The server looks once for each file, and the disk goes on filling up meanwhile.
      const before = this.#volumes.get(name)?.availableBytes ?? available;
      this.#volumes.set(name, { name, totalBytes, availableBytes: available < before ? available : before });
      this.#nameByFile.set(`${row.database_id}:${row.file_id}`, name);
    }
  }

  /** The volume under a file; undefined where it is not known. */
  under(databaseId: number, fileId: number): FileVolume | undefined {
    return this.#volumes.get(this.#nameByFile.get(`${databaseId}:${fileId}`) ?? '');
  }

  /** Each volume once. @throws TidemarkError `size_out_of_range` */
  measure(): StorageMeasurement[] {
    return [...this.#volumes.values()].map(({ name, totalBytes, availableBytes }) => ({
      scope: 'volume',
      name,
      allocatedBytes: null,
      usedBytes: toBytes(totalBytes - availableBytes, `the volume ${name}`),
      limitBytes: toBytes(totalBytes, `the volume ${name}`),
      freeBytes: toBytes(availableBytes, `the volume ${name}`),
    }));
  }
}

/**
 * How volumes are called. On Linux none has a name: '/' serves where all files see one size, and so lie on one volume;
 * several are told apart by their sizes, and called after the folder of their first file.
 */
function namesOf(rows: readonly VolumeRow[]): (row: VolumeRow) => string {
  const folders = new Map<string | null, string>();
  for (const row of rows) {
    if (row.mount_point !== null || folders.has(row.total_bytes)) continue;
    folders.set(row.total_bytes, dirname(row.physical_name));
  }
  return (row) => row.mount_point ?? (folders.size === 1 ? '/' : (folders.get(row.total_bytes) ?? '/'));
}
