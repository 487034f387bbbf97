import { describe, expect, test } from '@jest/globals';
import { toMegabytes } from '../../../exporter/src/statistics/megabytes.ts';

const megabyte = 1_048_576;

describe('megabytes', () => {
  test.each([
    [0, 0],
    [1, 0],
    [megabyte / 2 - 1, 0],
    [megabyte / 2, 1],
    [megabyte, 1],
    [megabyte * 1.5 - 1, 1],
    [megabyte * 1.5, 2],
    [1024 * megabyte, 1024],
    [Number.MAX_SAFE_INTEGER, 8_589_934_592],
  ])('%d bytes are %d, to the nearest', (bytes, megabytes) => {
    expect(toMegabytes(bytes)).toBe(megabytes);
  });

  test('of what is not known are not known', () => {
    expect(toMegabytes(null)).toBeNull();
  });
});
