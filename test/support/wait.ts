import { setTimeout as delay } from 'node:timers/promises';

const pollMilliseconds = 10;

/**
 * Waits for what other sockets and processes bring about.
 * @throws Error that says what was waited for in vain
 */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what = isSo.toString(),
  patienceMilliseconds = 30_000,
): Promise<void> {
  const end = Date.now() + patienceMilliseconds;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waited ${patienceMilliseconds / 1000} s in vain: ${what}`);
    await delay(pollMilliseconds);
  }
}
