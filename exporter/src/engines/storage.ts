import type { StorageMeasurement, StorageScope } from './engine.ts';

/** A log or tablespace of which only the bytes on disk are known. */
export function allocated(scope: StorageScope, name: string, allocatedBytes: number | null): StorageMeasurement {
  return { scope, name, allocatedBytes, usedBytes: null, limitBytes: null, freeBytes: null };
}
