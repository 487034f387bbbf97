import { describe, expect, test } from '@jest/globals';
import { host } from '../../../exporter/src/config/host.ts';

describe('a host', () => {
  test.each([
    ...[
      'db1',
      'db1.example.net',
      'db1.example.net.',
      'DB_1',
      '_db._tcp.example.net',
      '10.0.0.7',
      'a-b',
      '7',
      'bücher.example',
    ],
    ...['::1', 'fe80::1%eth0', '2001:db8::17', '::ffff:10.0.0.7', '/var/run/postgresql', 'xn--bcher-kva.example'],
    'x'.repeat(63),
  ])('may be %s', (text) => {
    expect(host.parse(text)).toBe(text);
  });

  test.each([
    ...[
      'h h',
      ' db1',
      'db1 ',
      'db1\n',
      'db1\t',
      '.',
      'a..b',
      '.a',
      'db1:5432',
      '[::1]',
      '::1::',
      'http://db1',
      'db1/x',
    ],
    ...['user@db1', 'SERVER\\INSTANCE', 'db1,1433', 'db1;x=1', '(HOST=db1)', "db'1", 'db"1', '${SITE}', 'x'.repeat(64)],
  ])('cannot be %j', (text) => {
    expect(host.safeParse(text).error?.issues.map((issue) => issue.message)).toEqual([
      'expected a host name or an IP address, without port, brackets and spaces',
    ]);
  });

  test.each([
    ['', 'expected a text that is not empty'],
    ['x'.repeat(256), 'expected at most 255 characters'],
  ])('that is empty or too long is said once', (text, problem) => {
    expect(host.safeParse(text).error?.issues.map((issue) => issue.message)).toEqual([problem]);
  });
});
