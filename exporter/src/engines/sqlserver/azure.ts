import { TidemarkError } from '../../errors.ts';
import { toBytes } from '../bytes.ts';
import type { DatabaseMeasurement, Finding, InstanceMeasurement, MeasureOptions, Target } from '../engine.ts';
import type { TdsConnection } from './connection.ts';
import { isPermissionError } from './errors.ts';
import { Findings } from './findings.ts';
import type { Server } from './server.ts';
import { dataUsedIn, measureFiles, measureLog, type DatabaseFiles, type UsedFileRow } from './sizes.ts';
import { listAzureDatabases, listFilesOfAzureDatabase, readAzureLogUsed } from './statements.ts';

interface AzureFileRow extends UsedFileRow {
  readonly max_bytes: string | null;
}

interface AzureDatabaseRow {
  readonly database_name: string;
  /** Null where the service has written nothing down. */
  readonly allocated_bytes: string | null;
  readonly used_bytes: string | null;
}

/**
 * Measures Azure SQL Database. Connected to a database: that one, exactly, from its own files. Connected to master: all
 * databases of the logical server, from what the service wrote down, because asking each would wake the serverless ones and
 * needs a user in each.
 * @throws TidemarkError when nothing can be measured
 */
export function measureAzure(
  connection: TdsConnection,
  server: Server,
  target: Target,
  options: MeasureOptions,
): Promise<InstanceMeasurement> {
  const findings = new Findings(target, server);
  if (server.currentDatabase === 'master') return measureFromMaster(connection, findings, options);
  return measureCurrentDatabase(connection, server.currentDatabase, findings, options);
}

async function measureCurrentDatabase(
  connection: TdsConnection,
  databaseName: string,
  findings: Findings,
  options: MeasureOptions,
): Promise<InstanceMeasurement> {
  if (!options.wanted(databaseName)) return { databases: [], storage: [], failures: [], warnings: [] };
  const files = await connection.query<AzureFileRow>(listFilesOfAzureDatabase);
  const warnings: Finding[] = [];
  const logUsedBytes = await readLogUsed(connection, databaseName, findings, warnings);
  const maxBytes = BigInt(files[0]?.max_bytes ?? 0);
  const described: DatabaseFiles = {
    databaseName,
    files,
    dataUsedBytes: dataUsedIn(files),
    logUsedBytes,
    volumeUnder: () => undefined,
    // Hyperscale databases have no such limit, and say so with 0 or less.
    maxDataBytes: maxBytes > 0n ? maxBytes : null,
  };
  return { databases: [measureFiles(described)], storage: measureLog(described), failures: [], warnings };
}

async function readLogUsed(
  connection: TdsConnection,
  databaseName: string,
  findings: Findings,
  warnings: Finding[],
): Promise<bigint | null> {
  try {
    const [row] = await connection.query<{ log_used_bytes: string | null }>(readAzureLogUsed);
    return row?.log_used_bytes == null ? null : BigInt(row.log_used_bytes);
  } catch (error) {
    if (!isPermissionError(error)) throw error;
    warnings.push(findings.hiddenAzureState(databaseName));
    return null;
  }
}

async function measureFromMaster(
  connection: TdsConnection,
  findings: Findings,
  options: MeasureOptions,
): Promise<InstanceMeasurement> {
  const listed = await connection.query<AzureDatabaseRow>(listAzureDatabases);
  const databases: DatabaseMeasurement[] = [];
  const failures: Finding[] = [];
  for (const row of listed.filter(({ database_name: name }) => options.wanted(name))) {
    try {
      const measured = measureStatistics(row);
      if (measured === null) failures.push(findings.unknownAzureSize(row.database_name));
      else databases.push(measured);
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error;
      failures.push({ databaseName: row.database_name, code: error.code, message: error.message });
    }
  }
  return { databases, storage: [], failures, warnings: databases.length > 0 ? [findings.azureStatistics()] : [] };
}

function measureStatistics(row: AzureDatabaseRow): DatabaseMeasurement | null {
  const { database_name: databaseName, allocated_bytes: allocated, used_bytes: used } = row;
  if (allocated === null) return null;
  const dataBytes = toBytes(allocated, databaseName);
  return {
    databaseName,
    sizeBytes: dataBytes,
    dataBytes,
    logBytes: null,
    indexBytes: null,
    tempBytes: null,
    usedBytes: used === null ? null : toBytes(used, databaseName),
    limitBytes: null,
    method: 'estimate',
  };
}
