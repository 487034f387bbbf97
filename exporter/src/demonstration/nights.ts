import type { Finding } from '../engines/engine.ts';
import type { ErrorCode } from '../errors.ts';
import type { DemonstrationDay } from './calendar.ts';
import type { DemonstrationServer } from './fleet.ts';
import { randomFor, type Random } from './random.ts';
import { darkNights, incidents, occasionalFailures, type Incident } from './stories.ts';

/** How the collection of one server went in one night. */
export interface Night {
  readonly status: 'succeeded' | 'partial' | 'failed';
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  readonly failures: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** From the start of the session. */
  readonly startedAfterMilliseconds: number;
  /** What measuring took. */
  readonly milliseconds: number;
}

/** Where the servers of the demonstration would be, if there were any: a domain that never resolves (RFC 2606). */
export function hostOf(server: Pick<DemonstrationServer, 'name'>): string {
  return `${server.name}.demonstration.invalid`;
}

export const ports = { postgresql: 5432, mysql: 3306, sqlserver: 1433, oracle: 1521 } as const;

/** The exporter's own words for what can go wrong, with the remedy. */
function errorOf(kind: Incident['kind'], server: DemonstrationServer): { code: ErrorCode; message: string } {
  const place = `${hostOf(server)}:${ports[server.engine]}`;
  switch (kind) {
    case 'refused':
      return {
        code: 'connection_refused',
        message: `${place}: nothing listens there, or a firewall refuses: check host and port, and that the server runs`,
      };
    case 'denied':
      return {
        code: 'access_denied',
        message: `${place}: access denied for user tidemark: check user name and password of the instance`,
      };
    case 'timeout':
      return { code: 'timeout', message: `connecting to ${place} took longer than 10 s` };
    case 'lost':
      return { code: 'connection_lost', message: `${place}: the server closed the connection: look into its log` };
    case 'crowded':
      return { code: 'too_many_connections', message: `${place}: the server takes no more connections` };
  }
}

/** What is lacking on these servers every night. */
const lasting: Readonly<Record<string, { failures?: readonly Finding[]; warnings?: readonly Finding[] }>> = {
  'identity-pg': {
    warnings: [
      {
        databaseName: null,
        code: 'permission_denied',
        message: 'tidemark may not read the size of the write-ahead log: run GRANT pg_monitor TO "tidemark";',
      },
    ],
  },
  'archive-ora': {
    failures: [
      {
        databaseName: 'LEGACY_HR',
        code: 'database_unreadable',
        message:
          'the pluggable database is mounted, not open: run ALTER PLUGGABLE DATABASE "LEGACY_HR" OPEN READ ONLY;',
      },
    ],
  },
  'sharepoint-sql': {
    failures: [
      {
        databaseName: 'WSS_Content_Restore',
        code: 'database_unreadable',
        message: 'the database is being restored: it can be measured when RESTORE DATABASE … WITH RECOVERY has ended',
      },
    ],
  },
};

/** Time that measuring takes, in milliseconds: the login, and something for each database. */
const cost = {
  postgresql: { login: 60, database: 9 },
  mysql: { login: 45, database: 22 },
  sqlserver: { login: 140, database: 35 },
  oracle: { login: 420, database: 160 },
} as const;

/** How long a failed attempt takes, in milliseconds. */
const patience = { refused: 40, denied: 90, timeout: 10_000, lost: 800, crowded: 120 } as const;

/**
 * How the collection of a server went.
 * @returns null when the exporter did not run that night
 */
export function nightOf(seed: number, server: DemonstrationServer, day: DemonstrationDay): Night | null {
  if (darkNights.includes(day.index)) return null;
  const random = randomFor(seed, server.name, 'night', day.index);
  const startedAfterMilliseconds = random.integer(20, 2_500);
  const kind = failureOf(server, day, random);
  if (kind !== null) {
    const milliseconds = patience[kind] + random.integer(0, 30);
    const error = errorOf(kind, server);
    return { status: 'failed', error, failures: [], warnings: [], startedAfterMilliseconds, milliseconds };
  }
  const { failures = [], warnings = [] } = lasting[server.name] ?? {};
  const { login, database } = cost[server.engine];
  const milliseconds = Math.round((login + database * server.databases.length) * random.between(0.8, 1.9));
  const status = failures.length > 0 ? 'partial' : 'succeeded';
  return { status, error: null, failures, warnings, startedAfterMilliseconds, milliseconds };
}

function failureOf(server: DemonstrationServer, day: DemonstrationDay, random: Random): Incident['kind'] | null {
  const incident = incidents.find(
    ({ server: name, from, to }) => name === server.name && day.index >= from && day.index <= to,
  );
  if (incident !== undefined) return incident.kind;
  return random.chance(occasionalFailures) ? random.pick(['timeout', 'lost', 'refused', 'crowded'] as const) : null;
}
