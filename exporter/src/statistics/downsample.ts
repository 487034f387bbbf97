/** Values in the order of time; null where one is not known. */
export interface Samples {
  readonly days: readonly string[];
  readonly values: readonly (number | null)[];
}

/**
 * At most so many of the samples, as a chart of that width would show them: the first and the last one, and of every stretch
 * between them the smallest and the largest, in their order. No peak is lost, and nothing is averaged.
 * @param points at least 4
 */
export function downsample(samples: Samples, points: number): Samples {
  const { days, values } = samples;
  const length = days.length;
  if (length <= points) return samples;
  const stretches = Math.floor((points - 2) / 2);
  const kept = [0];
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const from = 1 + Math.floor((stretch * (length - 2)) / stretches);
    const to = 1 + Math.floor(((stretch + 1) * (length - 2)) / stretches);
    kept.push(...extremes(values, from, to));
  }
  kept.push(length - 1);
  return { days: kept.map((index) => days[index] ?? ''), values: kept.map((index) => values[index] ?? null) };
}

/** Where the smallest and the largest value of a stretch are; where there is none, its first place says so. */
function extremes(values: Samples['values'], from: number, to: number): number[] {
  let [least, most] = [-1, -1];
  for (let index = from; index < to; index += 1) {
    const value = values[index] ?? null;
    if (value === null) continue;
    if (least === -1 || value < (values[least] ?? 0)) least = index;
    if (most === -1 || value > (values[most] ?? 0)) most = index;
  }
  if (least === -1) return [from];
  return least === most ? [least] : [Math.min(least, most), Math.max(least, most)];
}
