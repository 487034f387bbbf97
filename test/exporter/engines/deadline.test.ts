import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { closeWithin, withDeadline } from '../../../exporter/src/engines/deadline.ts';

/** Work that ends when the test says so. */
function openWork<T>(): { work: Promise<T>; finish: (result: T) => void; fail: (reason: unknown) => void } {
  let finish: (result: T) => void = () => undefined;
  let fail: (reason: unknown) => void = () => undefined;
  const work = new Promise<T>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  return { work, finish, fail };
}

const openTimers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('work with a deadline', () => {
  test('gives its result when it is in time, and leaves no timer', async () => {
    const before = openTimers();
    const onTimeout = jest.fn();
    const onLate = jest.fn();
    const result = await withDeadline(Promise.resolve(42), { milliseconds: 60_000, name: 'work', onTimeout, onLate });
    expect(result).toBe(42);
    expect(onTimeout).not.toHaveBeenCalled();
    expect(onLate).not.toHaveBeenCalled();
    expect(openTimers()).toBe(before);
  });

  test('gives its error when it fails in time, and leaves no timer', async () => {
    const before = openTimers();
    const failure = new Error('refused');
    const onTimeout = jest.fn();
    await expect(withDeadline(Promise.reject(failure), { milliseconds: 60_000, name: 'work', onTimeout })).rejects.toBe(
      failure,
    );
    expect(onTimeout).not.toHaveBeenCalled();
    expect(openTimers()).toBe(before);
  });

  test('fails with an Error even where the work throws something else', async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    const work = Promise.reject('just a text');
    await expect(withDeadline(work, { milliseconds: 60_000, name: 'work', onTimeout: jest.fn() })).rejects.toThrow(
      'just a text',
    );
  });

  test('ends with a timeout that names the step, after what it holds was dropped', async () => {
    const { work } = openWork<number>();
    const onTimeout = jest.fn();
    const waiting = withDeadline(work, { milliseconds: 20, name: 'connecting to db1:5432', onTimeout });
    await expect(waiting).rejects.toMatchObject({
      code: 'timeout',
      message: 'connecting to db1:5432 took longer than 0.02 s',
    });
    expect(onTimeout).toHaveBeenCalledTimes(1);
  });

  test('hands a late result to onLate, once, and still fails', async () => {
    const { work, finish } = openWork<string>();
    const onLate = jest.fn();
    const waiting = withDeadline(work, { milliseconds: 10, name: 'work', onTimeout: jest.fn(), onLate });
    await expect(waiting).rejects.toMatchObject({ code: 'timeout' });
    expect(onLate).not.toHaveBeenCalled();
    finish('a connection');
    await turn();
    expect(onLate.mock.calls).toEqual([['a connection']]);
  });

  test('needs no onLate', async () => {
    const { work, finish } = openWork<string>();
    const waiting = withDeadline(work, { milliseconds: 10, name: 'work', onTimeout: jest.fn() });
    await expect(waiting).rejects.toMatchObject({ code: 'timeout' });
    finish('a connection');
    await turn();
  });

  test('swallows a late error', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    try {
      const { work, fail } = openWork<string>();
      const onLate = jest.fn();
      const waiting = withDeadline(work, { milliseconds: 10, name: 'work', onTimeout: jest.fn(), onLate });
      await expect(waiting).rejects.toMatchObject({ code: 'timeout' });
      fail(new Error('the socket was destroyed'));
      await turn();
      await turn();
      expect(onLate).not.toHaveBeenCalled();
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
    }
  });
});

describe('closing within a deadline', () => {
  const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');

  afterAll(() => {
    server.close();
  });

  async function openSocket(): Promise<Socket> {
    if (!server.listening) await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }

  test.each<[string, () => Promise<unknown>]>([
    ['succeeds', () => Promise.resolve()],
    ['fails', () => Promise.reject(new Error('the server hung up'))],
    ['never comes', () => new Promise(() => undefined)],
  ])('drops the socket when the goodbye %s, and never throws', async (_name, goodbye) => {
    const socket = await openSocket();
    await expect(closeWithin(goodbye(), 20, socket)).resolves.toBeUndefined();
    expect(socket.destroyed).toBe(true);
  });

  test('waits for the goodbye', async () => {
    const socket = await openSocket();
    const { work, finish } = openWork<string>();
    const closing = closeWithin(work, 60_000, socket);
    await turn();
    expect(socket.destroyed).toBe(false);
    finish('goodbye');
    await closing;
    expect(socket.destroyed).toBe(true);
  });
});
