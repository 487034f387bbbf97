import { describe, expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { format, inspect } from 'node:util';
import { TidemarkError } from '../../../exporter/src/errors.ts';
import { createLogger } from '../../../exporter/src/log.ts';
import { Secret } from '../../../exporter/src/config/secret.ts';

const value = 'canary-4711';
const secret = new Secret(value);

/** What a log line makes of the fields. */
function logged(fields: object, message: string): string {
  const stream = new PassThrough();
  createLogger('info', stream as unknown as NodeJS.WriteStream).info(fields, message);
  return String(stream.read());
}

describe('a secret', () => {
  test('is had with reveal()', () => {
    expect(secret.reveal()).toBe(value);
    expect(new Secret('').reveal()).toBe('');
  });

  const shown: [string, () => string][] = [
    ['JSON', () => JSON.stringify({ nested: [{ secret }] })],
    ['JSON of a copy', () => JSON.stringify(Object.assign({}, secret))],
    // The rules forbid both on purpose, and this is what happens all the same.
    // eslint-disable-next-line @typescript-eslint/restrict-template-expressions
    ['a template', () => `${secret}`],
    // eslint-disable-next-line @typescript-eslint/restrict-plus-operands
    ['a sum', () => 'password: ' + secret],
    ['String()', () => String(secret)],
    ['join()', () => [secret].join()],
    ['inspect()', () => inspect({ nested: { secret } }, { depth: null, showHidden: true })],
    ['inspect() without our own rule', () => inspect(secret, { customInspect: false, showHidden: true })],
    ['%s', () => format('%s', secret)],
    ['%o', () => format('%o', secret)],
    ['%O', () => format('%O', secret)],
    ['%j', () => format('%j', secret)],
    ['its keys', () => Reflect.ownKeys(secret).join()],
    ['its entries', () => Object.entries(secret).join()],
    ['a log line', () => logged({ secret, nested: { secret } }, String(secret))],
    ['a logged error', () => logged({ err: new Error(String(secret), { cause: secret }) }, 'failed')],
    ['an error', () => inspect(new Error(String(secret), { cause: secret }))],
    ['an error with details', () => inspect(new TidemarkError('internal', 'failed', { details: { secret } }))],
    ['a stack', () => new Error(String(secret)).stack ?? ''],
    ['a clone', () => inspect(structuredClone({ secret }))],
  ];

  test.each(shown)('is not shown by %s', (_name, show) => {
    expect(show()).not.toContain(value);
  });

  test('is shown as a mask', () => {
    expect(String(secret)).toBe('******');
    expect(JSON.stringify({ secret })).toBe('{"secret":"******"}');
    expect(inspect({ secret })).toBe('{ secret: ****** }');
  });
});
