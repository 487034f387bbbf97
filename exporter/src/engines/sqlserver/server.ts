import { TidemarkError } from '../../errors.ts';

/** What the server says of itself, as the statement selects it. */
export interface ServerRow {
  readonly engine_edition: number | null;
  readonly product_version: string | null;
  readonly current_database: string | null;
  /** 1, 0, or null where the version does not know the permission. */
  readonly views_any_database: number | null;
  readonly views_server_state: number | null;
  readonly views_server_performance_state: number | null;
}

/** Which product a server is, and what our login may see on it. */
export interface Server {
  /** "SQL Server 2022 (16.0.4165.4)" */
  readonly version: string;
  /** Azure SQL Database has no view of the files of other databases, and nothing to say of its machine. */
  readonly isAzureDatabase: boolean;
  readonly currentDatabase: string;
  readonly viewsAnyDatabase: boolean;
  /** Volumes, and what is used of the logs. */
  readonly viewsState: boolean;
  /** What to grant for that; version 2022 divided the permission. */
  readonly statePermission: string;
  /** The largest size of the data of a user database in this edition, in bytes; null: the files are the limit. */
  readonly maxDataBytes: bigint | null;
}

const Edition = { express: 4, azureDatabase: 5, synapse: 6, managedInstance: 8, synapseServerless: 11, fabric: 12 };

/** By major version. */
const releases: Readonly<Record<number, string>> = {
  10: '2008',
  11: '2012',
  12: '2014',
  13: '2016',
  14: '2017',
  15: '2019',
  16: '2022',
  17: '2025',
};

const oldestMajor = 11;
const gibibyte = 1024n ** 3n;

/** @throws TidemarkError `server_too_old`, or `engine_unsupported` for Synapse, which keeps its sizes elsewhere */
export function describeServer(row: ServerRow | undefined): Server {
  const edition = row?.engine_edition ?? 0;
  const version = row?.product_version ?? 'unknown';
  const major = Number.parseInt(version, 10);
  if (edition === Edition.synapse || edition === Edition.synapseServerless) {
    throw new TidemarkError('engine_unsupported', 'Azure Synapse Analytics is not supported');
  }
  const isService = edition === Edition.azureDatabase || edition === Edition.fabric;
  const isInstance = !isService && edition !== Edition.managedInstance;
  if (isInstance && !(major >= oldestMajor)) {
    const release = releases[major] ?? '';
    throw new TidemarkError(
      'server_too_old',
      `SQL Server ${`${release} (${version})`.trim()} is not supported: 2012 or newer is needed`,
    );
  }
  // The cloud services call themselves version 12 for ever, but have the permissions of 2022.
  const dividesState = !isInstance || major >= 16;
  return {
    version: versionText(edition, version, releases[major]),
    isAzureDatabase: isService,
    currentDatabase: row?.current_database ?? 'master',
    viewsAnyDatabase: row?.views_any_database === 1,
    viewsState: row?.views_server_state === 1 || row?.views_server_performance_state === 1,
    statePermission: dividesState ? 'VIEW SERVER PERFORMANCE STATE' : 'VIEW SERVER STATE',
    maxDataBytes: edition === Edition.express ? (major >= 17 ? 50n : 10n) * gibibyte : null,
  };
}

function versionText(edition: number, version: string, release: string | undefined): string {
  if (edition === Edition.azureDatabase) return `Azure SQL Database ${version}`;
  if (edition === Edition.fabric) return `SQL database in Microsoft Fabric ${version}`;
  if (edition === Edition.managedInstance) return `Azure SQL Managed Instance ${version}`;
  return release === undefined ? `SQL Server ${version}` : `SQL Server ${release} (${version})`;
}

/** A name as a part of a statement that a person shall run. */
export function quoteName(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}
