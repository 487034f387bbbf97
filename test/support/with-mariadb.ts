import { describe } from '@jest/globals';
import { servers, type ServerAddress } from './servers.ts';

const absent: ServerAddress = { port: 0, username: '', password: '', dataDirectory: '' };

/** A block of tests that need MariaDB; where there is none it is skipped, by name and reason. */
export function describeWithMariadb(name: string, tests: (mariadb: ServerAddress) => void): void {
  const { mariadb } = servers();
  if ('skipped' in mariadb) describe.skip(`${name} (skipped: ${mariadb.skipped})`, () => tests(absent));
  else describe(name, () => tests(mariadb));
}
