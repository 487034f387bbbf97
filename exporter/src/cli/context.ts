import type { Command } from 'commander';
import type { Logger } from 'pino';
import { loadConfig, type Config } from '../config/config.ts';
import { useOracleClient } from '../engines/oracle/thick.ts';
import { knownFleet, type Fleet } from '../fleet/fleet.ts';
import { withStoredSettings } from '../live-settings.ts';
import { createLogger } from '../log.ts';
import { openRepository, type Repository } from '../repository.ts';
import { readSettings } from '../store/settings.ts';

/** What the exit code of every command means. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  partlyFailed: 3,
  repositoryUnavailable: 4,
} as const;

/** What a command works with. */
export interface CommandContext {
  readonly config: Config;
  readonly repository: Repository;
  readonly fleet: Fleet;
  readonly log: Logger;
}

/** What a command needs of the configuration. */
interface Needs {
  /** The instances of the configuration file. */
  readonly readsFile?: boolean;
}

/** The configuration, with what must be switched on before the first connection. */
export function readyConfig(needs: Needs = {}): Config {
  const config = loadConfig(process.env, process.cwd(), needs);
  if (config.oracleClientDirectory !== null) useOracleClient(config.oracleClientDirectory);
  return config;
}

/** Logs of one-off commands go to standard error, and only from `warn` on: standard output is for the result. */
export async function withRepository<T>(
  work: (context: CommandContext) => T | Promise<T>,
  { readsFile = false }: Needs = {},
): Promise<T> {
  const config = readyConfig({ readsFile });
  const log = createLogger(config.logLevel === 'info' ? 'warn' : config.logLevel, process.stderr);
  const repository = await openRepository(config, log);
  try {
    const fleet = knownFleet(config, repository.embedded);
    const stored = await readSettings(repository.pool);
    return await work({ config: withStoredSettings(config, stored, log), repository, fleet, log });
  } finally {
    await repository.close();
  }
}

/** Makes a command below another one, with examples. */
export function command(parent: Command, name: string, description: string, examples: readonly string[]): Command {
  const text = examples.map((example) => `  ${example}`).join('\n');
  return parent.command(name).description(description).exitOverride().addHelpText('after', `\nExamples:\n${text}`);
}

/** Rows in columns, the first of them the heading. */
export function writeTable(table: readonly (readonly string[])[]): void {
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table) {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}
