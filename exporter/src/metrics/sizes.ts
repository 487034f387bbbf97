import type { LatestRow } from '../store/measurements.ts';

/**
 * The parts of a database's allocated size. What is not known to be log, index or temporary counts as data, so that the sum
 * is the size; an index size from statistics is never more than there is.
 */
export function sizesByType(
  row: Pick<LatestRow, 'sizeBytes' | 'logBytes' | 'indexBytes' | 'tempBytes'>,
): [type: string, bytes: number | null][] {
  let rest = row.sizeBytes;
  const parts: [string, number | null][] = [];
  for (const [type, bytes] of [
    ['log', row.logBytes],
    ['temp', row.tempBytes],
    ['index', row.indexBytes],
  ] as const) {
    const part = bytes === null ? null : Math.min(bytes, rest);
    rest -= part ?? 0;
    parts.push([type, part]);
  }
  return [['data', rest], ...parts];
}
