import { describe, expect, test } from '@jest/globals';
import { decodeDate, decodeNumber, encodeDate, encodeNumber, encodeValue } from '../../support/tns/values.ts';

/** A small seeded generator (mulberry32), so that a failure can be repeated. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Decimal text of up to 38 significant digits, without needless zeros. */
function randomDecimal(random: () => number): string {
  const digits = Array.from({ length: 1 + Math.floor(random() * 38) }, () => Math.floor(random() * 10)).join('');
  const point = Math.floor(random() * (digits.length + 1));
  const whole = digits.slice(0, point).replace(/^0+/, '');
  const fraction = digits.slice(point).replace(/0+$/, '');
  if (whole === '' && fraction === '') return '0';
  return `${random() < 0.5 ? '-' : ''}${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`;
}

describe('NUMBER', () => {
  // What DUMP() shows on a real database.
  test.each([
    ['0', [128]],
    ['1', [193, 2]],
    ['-1', [62, 100, 102]],
    ['10', [193, 11]],
    ['100', [194, 2]],
    ['123.45', [194, 2, 24, 46]],
    ['-123.45', [61, 100, 78, 56, 102]],
    ['0.05', [192, 6]],
    ['0.005', [191, 51]],
  ])('%s is %j', (text, bytes) => {
    expect([...encodeNumber(text)]).toEqual(bytes);
    expect(decodeNumber(Buffer.from(bytes))).toBe(text);
  });

  test.each([
    [9007199254740993n, '9007199254740993'],
    [18446744073709551616n, '18446744073709551616'],
    ['99999999999999999999999999999999999999', '99999999999999999999999999999999999999'],
    ['1e125', `1${'0'.repeat(125)}`],
    ['12.5e-2', '0.125'],
    ['-.5', '-0.5'],
    ['007', '7'],
    ['1.10', '1.1'],
  ])('%s keeps its value', (value, text) => {
    expect(decodeNumber(encodeNumber(value))).toBe(text);
  });

  const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31);
  test(`2000 random decimals come back unchanged (TEST_SEED=${seed})`, () => {
    const random = generator(seed);
    const values = Array.from({ length: 2000 }, () => randomDecimal(random));
    expect(values.map((value) => decodeNumber(encodeNumber(value)))).toEqual(values);
  });

  test.each(['', 'abc', '1.2.3', 'NaN', 'Infinity', '.', '1e', '1e130', '1e-140', `1${'1'.repeat(40)}`])(
    '%j is refused',
    (text) => {
      expect(() => encodeNumber(text)).toThrow(TypeError);
    },
  );
});

describe('DATE', () => {
  test('century, year, month, day and the time of day plus one', () => {
    expect([...encodeDate('2024-02-29 13:14:15')]).toEqual([120, 124, 2, 29, 14, 15, 16]);
  });

  test.each(['0001-01-01 00:00:00', '1999-12-31 23:59:59', '9999-12-31 12:00:00'])('%s comes back', (text) => {
    expect(decodeDate(encodeDate(text))).toBe(text);
  });

  test('anything else is refused', () => {
    expect(() => encodeDate('2024-02-29')).toThrow(TypeError);
  });
});

describe('VARCHAR2', () => {
  test('is UTF-8', () => {
    expect(encodeValue('VARCHAR2', 'größe 数 😀')).toEqual(Buffer.from('größe 数 😀', 'utf8'));
  });

  test('takes text only, so that a number in a fixture is noticed', () => {
    expect(() => encodeValue('VARCHAR2', 5)).toThrow(TypeError);
  });
});

test.each(['NUMBER', 'VARCHAR2', 'DATE'] as const)('NULL and the empty text are the same in a column of %s', (type) => {
  expect(encodeValue(type, null)).toBeNull();
  expect(encodeValue(type, '')).toBeNull();
});
