import { describe, expect, test } from '@jest/globals';
import { matcherOf } from '../../../exporter/src/fleet/patterns.ts';
import { hostileNames } from '../../support/fleet-fixtures.ts';
import { withSeeds } from '../../support/seeded-random.ts';

const matches = (pattern: string, name: string): boolean => matcherOf({ include: [pattern], exclude: [] })(name);

describe('a pattern of database names', () => {
  test.each(hostileNames)('"*" takes %j', (name) => {
    expect(matches('*', name)).toBe(true);
  });

  test.each(hostileNames)('the name %j takes itself', (name) => {
    expect(matches(name, name)).toBe(true);
  });

  test.each([
    ['app_*', 'app_'],
    ['app_*', 'app_orders'],
    ['app_*', 'app_x/y'],
    ['app_*', 'app_line\nbreak'],
    ['*_tmp', 'orders_tmp'],
    ['*tmp*', 'a tmp b'],
    ['*a*b*', 'xaxbx'],
    ['a**b', 'a/b'],
    ['a?c', 'abc'],
    ['a?c', 'a/c'],
    ['a?c', 'a\nc'],
    ['?', '語'],
    ['?', '𠮷'],
    ['日本*', '日本語'],
    ['*語', '日本語'],
    ['été*', 'été2024'],
    ["o'*", "o'brien"],
    ['say "*"', 'say "hello"'],
    ['[ab]*', 'beta'],
    ['[a-c]1', 'b1'],
    ['[0-9a-f]x', 'cx'],
    ['[!ab]*', 'gamma'],
    ['[^ab]*', 'gamma'],
    ['[-a]x', '-x'],
    ['[\\]x', '\\x'],
    ['{prod,test}_db', 'test_db'],
    ['{prod,test}_*', 'prod_orders'],
    ['{a*,?b}', 'xb'],
    ['{,old_}orders', 'orders'],
    ['\\*', '*'],
    ['a\\?*', 'a?b'],
    ['a.b*', 'a.bc'],
    ['(a|b)*', '(a|b)c'],
    ['$a^*', '$a^b'],
    ['./a*', './ab'],
    ['!a*', '!ab'],
    ['#a*', '#ab'],
    ['a+*', 'a+b'],
    ['{a*', '{ab'],
    ['[a*', '[ab'],
    ['a}*', 'a}b'],
    ['trailing\\', 'trailing\\'],
    ['*\\', 'x\\'],
  ])('%j takes %j', (pattern, name) => {
    expect(matches(pattern, name)).toBe(true);
  });

  test.each([
    ['orders', 'orders2'],
    ['orders', 'my orders'],
    ['orders', 'orders/'],
    ['orders', 'Orders'],
    ['app_*', 'application'],
    ['*_tmp', 'orders_tmp2'],
    ['app.*', 'appx'],
    ['a?c', 'ac'],
    ['?', 'ab'],
    ['?', ''],
    ['[ab]*', 'gamma'],
    ['[!ab]*', 'beta'],
    ['[!ab]', ''],
    ['[z-a]', 'm'],
    ['{prod,test}_db', 'dev_db'],
    ['{prod,test}_db', 'prod'],
    ['\\*', 'x'],
    ['(a|b)', 'a'],
    ['a+', 'aa'],
    ['*(a)', 'aa'],
    ['!a', 'b'],
    ['a|b', 'a'],
    ['./a*', 'ab'],
  ])('%j does not take %j', (pattern, name) => {
    expect(matches(pattern, name)).toBe(false);
  });

  test('a range backwards takes nothing and breaks nothing', () => {
    expect(matches('[z-ab]x', 'bx')).toBe(true);
    expect(matches('[z-ab]x', 'mx')).toBe(false);
  });

  test('is never an error, whatever it is made of', async () => {
    const pieces = ['*', '?', '[', ']', '!', '^', '-', '{', '}', ',', '\\', 'a', '日', '𠮷', '\n', '(', ')', '|', '$'];
    await withSeeds(2_000, (random) => {
      const text = (): string => Array.from({ length: random.integer(0, 8) }, () => random.pick(pieces)).join('');
      const [pattern, name] = [text(), text()];
      expect(typeof matches(pattern, name)).toBe('boolean');
      expect(matches(pattern, pattern)).toBe(true);
      // Escaped, every text stands for itself alone.
      const escaped = Array.from(pattern, (character) => `\\${character}`).join('');
      expect(matches(escaped, name)).toBe(name === pattern || name === escaped);
    });
  });
});

describe('several sets of patterns', () => {
  const wanted = matcherOf(
    { include: ['*'], exclude: ['*_tmp'] },
    { include: ['app_*', 'shop'], exclude: ['app_old', 'app_[0-9]*'] },
  );

  test.each(['app_orders', 'shop', 'app_older'])('%j is wanted by all of them', (name) => {
    expect(wanted(name)).toBe(true);
  });

  test.each(['app_old', 'app_7', 'app_x_tmp', 'shop2', 'other'])('%j is not', (name) => {
    expect(wanted(name)).toBe(false);
  });

  test('an empty include list wants nothing', () => {
    expect(matcherOf({ include: [], exclude: [] })('orders')).toBe(false);
  });

  test('exclude beats include', () => {
    expect(matcherOf({ include: ['orders'], exclude: ['orders'] })('orders')).toBe(false);
  });
});
