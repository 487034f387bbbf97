import { afterAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { parseSecretReference, readSecretFile } from '../../../exporter/src/config/references.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';

const folder = createTemporaryFolder();
afterAll(() => folder.remove());

describe('a reference to a secret', () => {
  const environment = { ORDERS_PASSWORD: 'from the environment', EMPTY: '' };

  test.each([
    ['${ORDERS_PASSWORD}', 'from the environment', 'env:ORDERS_PASSWORD'],
    ['env:ORDERS_PASSWORD', 'from the environment', 'env:ORDERS_PASSWORD'],
    ['env:EMPTY', '', 'env:EMPTY'],
    ['plain', 'plain', 'inline'],
    ['', '', 'inline'],
    ['${ORDERS_PASSWORD}!', '${ORDERS_PASSWORD}!', 'inline'],
    ['$ORDERS_PASSWORD', '$ORDERS_PASSWORD', 'inline'],
    ['env:not a name', 'env:not a name', 'inline'],
    ['ENV:ORDERS_PASSWORD', 'ENV:ORDERS_PASSWORD', 'inline'],
    [' env:ORDERS_PASSWORD', ' env:ORDERS_PASSWORD', 'inline'],
  ])('%j is %j and shows as %j', (text, value, description) => {
    const reference = parseSecretReference(text, environment);
    expect(reference.read().reveal()).toBe(value);
    expect(reference.description).toBe(description);
  });

  test('shows nothing of an inline secret', () => {
    expect(JSON.stringify(parseSecretReference('canary-4711', {}))).not.toContain('canary');
  });

  test('to a variable that is not set says which one, when it is read', () => {
    const reference = parseSecretReference('env:MISSING', environment);
    expect(() => reference.read()).toThrow(
      expect.objectContaining({
        code: 'credential_unavailable',
        message: expect.stringContaining('MISSING is not set'),
      }),
    );
  });

  test('to a file is read anew each time: a rotated password is picked up', () => {
    const path = folder.write('rotated', 'first\n');
    const reference = parseSecretReference(`file:${path}`, {});
    expect(reference.read().reveal()).toBe('first');
    folder.write('rotated', 'second\n');
    expect(reference.read().reveal()).toBe('second');
    expect(reference.description).toBe(`file:${path}`);
  });

  test('to a file that is not there says so with its code', () => {
    const reference = parseSecretReference(`file:${join(folder.path, 'absent')}`, {});
    expect(() => reference.read()).toThrow(
      expect.objectContaining({ code: 'credential_unavailable', message: expect.stringContaining('absent') }),
    );
  });
});

describe("a secret's file", () => {
  test.each([
    ['word', 'word'],
    ['word\n', 'word'],
    ['word\r\n', 'word'],
    ['word\n\n', 'word\n'],
    [' word ', ' word '],
    ['pässwörd 🔑\n', 'pässwörd 🔑'],
    ['', ''],
  ])('with %j holds %j', (content, secret) => {
    expect(readSecretFile(folder.write('secret', content)).reveal()).toBe(secret);
  });
});
