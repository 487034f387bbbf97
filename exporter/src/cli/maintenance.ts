import { cleanUpPartitions, computeStatistics, createPartitions } from '../maintenance.ts';
import { dayIn } from '../store/periods.ts';
import { listPartitions, type Partition } from '../store/retention.ts';
import { exitCodes, writeTable, type CommandContext } from './context.ts';

/** `tidemark partitions` @returns the exit code */
export async function showPartitions(context: CommandContext, apply: boolean): Promise<number> {
  const { config, repository, log } = context;
  const maintenance = { pool: repository.pool, config, log };
  let freed = '';
  let code: number = exitCodes.ok;
  if (apply) {
    await createPartitions(maintenance);
    const { dropped, kept, freedBytes } = await cleanUpPartitions(maintenance);
    freed = `${dropped.length} partitions dropped, ${freedBytes} bytes freed\n`;
    for (const { partition, reason } of kept) freed += `${partition.name} is kept: ${reason}\n`;
    if (kept.length > 0) code = exitCodes.partlyFailed;
  }
  const partitions = await listPartitions(repository.pool, dayIn(config.timezone, new Date()), config.retention);
  writeTable([
    ['NAME', 'FROM', 'BEFORE', 'ROWS', 'BYTES', 'NEXT'],
    ...partitions.map((partition) => [
      partition.name,
      partition.from ?? '',
      partition.to ?? '',
      String(partition.rows),
      String(partition.bytes),
      nextOf(partition),
    ]),
  ]);
  process.stdout.write(freed);
  return code;
}

/** What happens to a partition next, for a person. */
function nextOf({ state, rows, droppedFrom }: Partition): string {
  switch (state) {
    case 'default':
      return rows === 0 ? 'stays empty' : 'its rows are moved where they belong';
    case 'past retention':
      return 'dropped by the next clean-up';
    case 'waits for aggregation':
      return 'past the retention; kept until its statistics are computed';
    case 'newest':
      return 'past the retention; kept as the newest that holds rows';
    default:
      return `${state}; dropped from ${droppedFrom ?? 'never'} on`;
  }
}

/** `tidemark aggregate` @returns the exit code */
export async function aggregateNow({ config, repository, log }: CommandContext): Promise<number> {
  const report = await computeStatistics({ pool: repository.pool, config, log });
  const { changedDays, periods, changed, failures } = report;
  process.stdout.write(
    `${periods} periods computed after changes of ${changedDays} days of instances: ${changed} statistics written, ` +
      `${failures.length} failed\n`,
  );
  for (const { period, instanceId, message } of failures) {
    process.stdout.write(`  instance ${instanceId}, ${period.type} ${period.start}: ${message}\n`);
  }
  return failures.length === 0 ? exitCodes.ok : exitCodes.partlyFailed;
}
