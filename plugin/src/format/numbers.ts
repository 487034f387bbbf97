import { unknownValue } from './bytes';

/** A rate in percent as the API gives it, with its sign: `+12.3 %`. */
export function formatRate(percent: number | null | undefined): string {
  if (percent === null || percent === undefined) return unknownValue;
  const text = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 }).format(Math.abs(percent));
  const sign = percent > 0 ? '+' : percent < 0 ? '−' : '';
  return `${sign}${text} %`;
}

/** A part of a whole, 0 to 1: `34.5 %`. */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined) return unknownValue;
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 }).format(share * 100)} %`;
}

export function formatCount(value: number | null | undefined): string {
  return value === null || value === undefined ? unknownValue : new Intl.NumberFormat().format(value);
}
