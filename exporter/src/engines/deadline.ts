import type { Socket } from 'node:net';
import { types } from 'node:util';
import { messageOf, TidemarkError } from '../errors.ts';

interface Step<T> {
  readonly milliseconds: number;
  /** What is waited for, as the message says it: "connecting to db1:5432". */
  readonly name: string;
  /** Drops whatever the step holds; called once, when the deadline passes. */
  readonly onTimeout: () => void;
  /** What to do with a result that arrives after all. */
  readonly onLate?: (result: T) => void;
}

/**
 * Waits for the work no longer than its deadline. What happens afterwards does no harm: a late error is swallowed, a late
 * result is handed to `onLate`.
 * @throws TidemarkError `timeout`, or whatever the work throws
 */
export function withDeadline<T>(work: Promise<T>, step: Step<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let expired = false;
    const timer = setTimeout(() => {
      expired = true;
      step.onTimeout();
      const seconds = step.milliseconds / 1000;
      reject(new TidemarkError('timeout', `${step.name} took longer than ${seconds} s`));
    }, step.milliseconds);
    work.then(
      (result) => {
        clearTimeout(timer);
        if (expired) step.onLate?.(result);
        else resolve(result);
      },
      (error: unknown) => {
        clearTimeout(timer);
        if (!expired) reject(types.isNativeError(error) ? error : new Error(messageOf(error), { cause: error }));
      },
    );
  });
}

/** Says goodbye within the deadline and drops the socket in any case. Never throws. */
export async function closeWithin(goodbye: Promise<unknown>, milliseconds: number, socket: Socket): Promise<void> {
  try {
    await withDeadline(goodbye, { milliseconds, name: 'closing', onTimeout: () => socket.destroy() });
  } catch {
    // The socket is gone either way, which is all that closing is for.
  } finally {
    socket.destroy();
  }
}
