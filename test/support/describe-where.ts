import { describe } from '@jest/globals';

/** A block of tests that need something of the machine. @param missing what is not there, and so why they are skipped; null: all is */
export function describeWhere(missing: string | null, name: string, tests: () => void): void {
  if (missing === null) describe(name, tests);
  else describe.skip(`${name} (skipped: ${missing})`, tests);
}
