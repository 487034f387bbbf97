import { describe, expect, test } from '@jest/globals';
import { codeOf, errorCatalogue, messageOf, TidemarkError, type ErrorCode } from '../../exporter/src/errors.ts';

describe('the catalogue of errors', () => {
  test.each(Object.entries(errorCatalogue))('%s has an HTTP status and a sentence', (code, { status, meaning }) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(meaning).toMatch(/^[A-Z].{10,}\.$|^[A-Z].{10,}$/);
  });

  test('keeps the statuses that callers rely on', () => {
    const statusOf = (code: ErrorCode): number => errorCatalogue[code].status;
    expect(statusOf('bad_request')).toBe(400);
    expect(statusOf('not_found')).toBe(404);
    expect(statusOf('name_taken')).toBe(409);
    expect(statusOf('run_in_progress')).toBe(409);
    expect(statusOf('repository_unavailable')).toBe(503);
    expect(statusOf('internal')).toBe(500);
  });
});

describe('an error', () => {
  test('carries code, message, details and cause', () => {
    const cause = new Error('below');
    const error = new TidemarkError('timeout', 'took too long', { cause, details: { seconds: 5 } });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'TidemarkError', code: 'timeout', message: 'took too long' });
    expect(error.details).toEqual({ seconds: 5 });
    expect(error.cause).toBe(cause);
  });

  test('without a cause has none', () => {
    expect('cause' in new TidemarkError('timeout', 'took too long')).toBe(false);
  });
});

describe('the message of what was thrown', () => {
  test.each<[unknown, string]>([
    [new Error('plain'), 'plain'],
    [new TidemarkError('internal', 'ours'), 'ours'],
    [new AggregateError([new Error('one'), new Error('two')]), 'one; two'],
    [new AggregateError([new Error('one')], 'several'), 'several'],
    [new AggregateError([new AggregateError([new Error('deep')])]), 'deep'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [42, '42'],
  ])('%p is %j', (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });
});

describe('the code of what was thrown', () => {
  test.each<[unknown, string | undefined]>([
    [Object.assign(new Error(), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [{ code: '28P01' }, '28P01'],
    [new TidemarkError('timeout', 'took too long'), 'timeout'],
    [{ code: 42 }, undefined],
    [new Error('none'), undefined],
    [null, undefined],
    ['ECONNREFUSED', undefined],
  ])('%p is %j', (thrown, code) => {
    expect(codeOf(thrown)).toBe(code);
  });
});
