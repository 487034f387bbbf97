import { setTimeout as delay } from 'node:timers/promises';

/** Waits until something is so; Jest's own deadline ends a wait in vain, this one says what was waited for. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  patienceMilliseconds = 30_000,
): Promise<void> {
  const end = Date.now() + patienceMilliseconds;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waited ${patienceMilliseconds / 1000} s in vain: ${what}`);
    await delay(25);
  }
}
