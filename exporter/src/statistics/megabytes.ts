/** The whole megabytes (1 048 576 bytes each) that the original interface speaks of; null stays null. */
export function toMegabytes(bytes: number): number;
export function toMegabytes(bytes: number | null): number | null;
export function toMegabytes(bytes: number | null): number | null {
  return bytes === null ? null : Math.round(bytes / 1_048_576);
}
