import { describe, expect, test } from '@jest/globals';
import { toBytes, toBytesOrNull } from '../../../exporter/src/engines/bytes.ts';

describe('a size', () => {
  test.each<[string | number | bigint, number]>([
    ['0', 0],
    [0, 0],
    [0n, 0],
    ['1', 1],
    ['8192', 8192],
    ['8192.0', 8192],
    ['8192.0000', 8192],
    [4_398_046_511_104, 4_398_046_511_104],
    ['2199023255552', 2 ** 41],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740991.00', Number.MAX_SAFE_INTEGER],
    [9_007_199_254_740_991n, Number.MAX_SAFE_INTEGER],
  ])('%p is %d bytes', (value, bytes) => {
    expect(toBytes(value, 'orders')).toBe(bytes);
  });

  test.each<[string | number | bigint]>([
    ['-1'],
    [-1],
    [-1n],
    ['9007199254740992'],
    ['9007199254740993'],
    [9_007_199_254_740_992n],
    [2 ** 53],
    ['9223372036854775807'],
    ['18446744073709551616'],
    ['1.5'],
    [0.5],
    ['1e3'],
    [1e21],
    [Number.NaN],
    [Infinity],
    ['NaN'],
    [''],
    [' 1'],
    ['1 '],
    ['0x10'],
    ['1,000'],
    ['.0'],
    ['12 MB'],
    ['١٢'],
  ])('%p is refused, not rounded', (value) => {
    expect(() => toBytes(value, 'database "orders"')).toThrow(
      expect.objectContaining({
        code: 'size_out_of_range',
        message: expect.stringMatching(/^database "orders": .*outside 0 to 9007199254740991$/),
      }),
    );
  });

  test('that is refused is not repeated at any length', () => {
    expect(() => toBytes('9'.repeat(5_000), 'orders')).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{0,200}$/) }),
    );
  });
});

describe('a size that the server may not say', () => {
  test('is null and never 0 when it says nothing', () => {
    expect(toBytesOrNull(null, 'orders')).toBeNull();
    expect(toBytesOrNull(undefined, 'orders')).toBeNull();
  });

  test('is the size when it says one', () => {
    expect(toBytesOrNull('0', 'orders')).toBe(0);
    expect(toBytesOrNull('42', 'orders')).toBe(42);
    expect(() => toBytesOrNull('-1', 'orders')).toThrow(expect.objectContaining({ code: 'size_out_of_range' }));
  });
});
