import type { EmbeddedServer } from '../../exporter/src/embedded/server.ts';
import type { MariadbServer } from './mariadb-server.ts';

/** How to reach a server of the tests as its superuser. */
export interface ServerAddress {
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly dataDirectory: string;
}

/** What the set-up tells the test files. */
export interface Servers {
  readonly postgresql: ServerAddress;
  readonly mariadb: ServerAddress | { readonly skipped: string };
}

declare global {
  // What the set-up hands to the teardown, in the same process.
  var testServers: { folder: string; postgresql: EmbeddedServer; mariadb: MariadbServer | { skipped: string } };
}

export const templateDatabase = 'tidemark_template';

export function servers(): Servers {
  return JSON.parse(process.env.TIDEMARK_TEST_SERVERS ?? '{}') as Servers;
}
