import { formattedValueToString, getValueFormat } from '@grafana/data';

/** What stands for a value that is not known. */
export const unknownValue = '–';

const bytes = getValueFormat('bytes');

/** `1.50 GiB`; an en dash where nothing is known. */
export function formatBytes(value: number | null | undefined, decimals?: number): string {
  if (value === null || value === undefined) return unknownValue;
  return formattedValueToString(bytes(value, decimals ?? (Math.abs(value) < 1024 ? 0 : 2)));
}

/** A change in size with its sign: `+1.50 GiB`, `−300 MiB`, `0 B`. */
export function formatBytesChange(value: number | null | undefined): string {
  if (value === null || value === undefined) return unknownValue;
  if (value === 0) return formatBytes(0);
  return `${value > 0 ? '+' : '−'}${formatBytes(Math.abs(value))}`;
}
