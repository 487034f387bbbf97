import { userInfo } from 'node:os';
import { text } from 'node:stream/consumers';
import { Command, CommanderError, Option } from 'commander';
import type pg from 'pg';
import type { Logger } from 'pino';
import { addHealthCommand } from './cli-health.ts';
import { addTokenCommands } from './cli-tokens.ts';
import { testConnection } from './collection/connection-test.ts';
import { barProgress, silentProgress } from './collection/progress.ts';
import { runCollection } from './collection/run.ts';
import { loadConfig, type Config } from './config/config.ts';
import { instanceSchema } from './config/file.ts';
import { Secret } from './config/secret.ts';
import { ConfigurationError, issuesOf } from './config/issues.ts';
import { demonstrationConfig, startDemonstration } from './demo.ts';
import { describeEngines } from './engines/describe.ts';
import { useOracleClient } from './engines/oracle/thick.ts';
import { engineNames } from './engines/registry.ts';
import { TidemarkError, messageOf, type ErrorCode } from './errors.ts';
import { describe, provisionFleet, type Fleet } from './fleet/fleet.ts';
import { addImportCommands, type ImportContext } from './import/command.ts';
import { keyAndValue } from './key-and-value.ts';
import { createLogger } from './log.ts';
import { contextOf, startService, type Service } from './main.ts';
import { cleanUpPartitions, computeStatistics, createPartitions } from './maintenance.ts';
import { openRepository, type Repository } from './repository.ts';
import { rotateKey } from './fleet/rotation.ts';
import { listCredentials } from './store/credentials.ts';
import { addUserInstance, findInstance, listInstances } from './store/instances.ts';
import { dayIn } from './store/periods.ts';
import { listPartitions, type Partition } from './store/retention.ts';
import type { Scope } from './store/sessions.ts';
import { version } from './version.ts';

/** Is told of a service that runs, for what is started beside it. */
type Started = (service: Service) => void;

/** What the exit code of every command means. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  partlyFailed: 3,
  repositoryUnavailable: 4,
} as const;

const exitCodesHelp = `
Exit codes: ${exitCodes.ok} all well, ${exitCodes.failed} failed, ${exitCodes.usage} wrong usage or configuration, ${exitCodes.partlyFailed} partly failed,
${exitCodes.repositoryUnavailable} repository not available.`;

/**
 * Runs one command line.
 * @param started is told when a command that serves is ready
 * @returns the exit code
 */
export async function run(argv: readonly string[], started: Started = () => undefined): Promise<number> {
  let code: number = exitCodes.ok;
  const program = buildProgram((result) => {
    code = result;
  }, started);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    process.stderr.write(`tidemark: ${messageOf(error)}\n`);
    const unforeseen = !(error instanceof TidemarkError);
    if (unforeseen && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
    return unforeseen ? exitCodes.failed : exitCodeOf(error.code);
  }
}

function exitCodeOf(code: ErrorCode): number {
  if (['configuration_invalid', 'usage', 'bad_request', 'not_found', 'name_taken', 'in_use'].includes(code))
    return exitCodes.usage;
  if (/^(repository_|embedded_)/.test(code)) return exitCodes.repositoryUnavailable;
  return exitCodes.failed;
}

function buildProgram(finish: (code: number) => void, started: Started): Command {
  const program = new Command('tidemark')
    .description('How large every database of a fleet is, how it got there, and when it fills up.')
    .version(version)
    .showHelpAfterError('(tidemark --help shows the commands)')
    .exitOverride()
    .addHelpText('after', exitCodesHelp);

  command(program, 'serve', 'measure on schedule, serve the API and /metrics', [
    'tidemark serve',
    'TIDEMARK_CONFIG=/etc/tidemark.yaml DATABASE_URL=postgresql://… tidemark serve',
  ]).action(() => serve(started));

  command(program, 'collect', 'measure now, once: through the exporters that run, or by itself where none does', [
    'tidemark collect',
    'tidemark collect --instance orders-pg',
    'tidemark collect --label environment=production',
  ])
    .option('--instance <name>', 'only this instance')
    .addOption(new Option('--label <key=value>', 'only instances with this label').conflicts('instance'))
    .addOption(new Option('--owner <owner>', 'only instances of this owner').conflicts(['instance', 'label']))
    .action(async (scope: Scope) => finish(await collect(scope)));

  command(program, 'migrate', 'bring the schema of the repository up to date', [
    'DATABASE_URL=postgresql://… tidemark migrate',
  ]).action(() =>
    withRepository(() => {
      process.stdout.write('the repository is up to date\n');
    }),
  );

  command(program, 'partitions', 'the months of the history: rows, bytes, what happens next', [
    'tidemark partitions',
    'tidemark partitions --apply',
  ])
    .option('--apply', 'make what is missing and drop what is past the retention, as the jobs do')
    .action((options: { apply?: boolean }) =>
      withRepository(async (context) => finish(await showPartitions(context, options.apply === true))),
    );
  command(program, 'aggregate', 'compute the statistics of weeks, months and quarters now', [
    'tidemark aggregate',
  ]).action(() => withRepository(async (context) => finish(await aggregateNow(context))));

  command(program, 'demo', 'show Tidemark with 400 days of a made-up fleet, and itself as a live instance', [
    'TIDEMARK_DATA_DIR=./data/demo tidemark demo',
  ]).action(() => demo(started));

  addImportCommands(program, (work) =>
    withRepository((context) =>
      work({ ...importContextOf(context), write: (line) => process.stdout.write(`${line}\n`) }),
    ),
  );

  const instances = program.command('instances').description('what is watched').exitOverride();
  command(instances, 'list', 'all instances with their size and last collection', ['tidemark instances list']).action(
    () => withRepository(listAll),
  );
  command(instances, 'add', 'watch a further instance', [
    'tidemark instances add orders-pg --engine postgresql --host db1 --username tidemark --password env:ORDERS_PASSWORD',
    'tidemark instances add crm --engine mysql --host db2 --username tidemark --password file:/run/secrets/crm --owner crm',
  ])
    .argument('<name>', 'how it is called')
    .addOption(new Option('--engine <engine>', 'what it is').choices(engineNames).makeOptionMandatory())
    .requiredOption('--host <host>', 'where it is')
    .option('--port <port>', "the engine's usual one when left out", Number)
    .option('--database <name>', 'what to connect to')
    .requiredOption('--username <name>', 'as whom to log in')
    .option('--password <reference>', 'env:NAME or file:PATH, looked up at each login')
    .option('--password-stdin', 'read the password from standard input and store it encrypted')
    .addOption(new Option('--tls <mode>').choices(['disable', 'prefer', 'require', 'verify-full']).default('prefer'))
    .option('--owner <owner>', 'who owns it')
    .option('--label <key=value...>', 'labels', keyAndValue)
    .option('--include <pattern...>', 'databases to measure; all when left out')
    .option('--exclude <pattern...>', 'databases to leave out')
    .action((name: string, options: AddOptions) => {
      refuseSecret(options.password);
      return withRepository((context) => addInstance(context, name, options));
    });
  command(instances, 'test', 'log in, measure, store nothing', ['tidemark instances test orders-pg'])
    .argument('<name>', 'which one')
    .action((name: string) => withRepository(async (context) => finish(await testInstance(context, name))));
  const credentials = program.command('credentials').description('the logins that are stored').exitOverride();
  command(credentials, 'list', 'all stored logins, without their secrets', ['tidemark credentials list']).action(() =>
    withRepository(showCredentials),
  );
  command(credentials, 'rotate-key', 'encrypt all stored passwords with the first key of the key file', [
    'tidemark credentials rotate-key',
  ]).action(() => withRepository(rotate));

  const withPool = (work: (pool: pg.Pool) => Promise<void>) =>
    withRepository(({ repository }) => work(repository.pool));
  addTokenCommands(program, command, withPool, writeTable);

  command(program, 'engines', 'what can be measured on which server', ['tidemark engines']).action(() => {
    process.stdout.write(describeEngines());
  });
  return program;
}

function command(parent: Command, name: string, description: string, examples: readonly string[]): Command {
  const text = examples.map((example) => `  ${example}`).join('\n');
  return parent.command(name).description(description).exitOverride().addHelpText('after', `\nExamples:\n${text}`);
}

async function secretFromStdin(): Promise<Secret> {
  const secret = new Secret((await text(process.stdin)).replace(/\r?\n$/, ''));
  if (secret.reveal() === '') throw new TidemarkError('usage', 'standard input holds no password');
  return secret;
}

/** Not left to commander, whose message repeats what was given. */
function refuseSecret(password: string | undefined): void {
  if (password === undefined || /^(env|file):./.test(password)) return;
  throw new TidemarkError(
    'usage',
    '--password: expected env:NAME or file:PATH: a password on the command line can be read by others',
  );
}

interface CommandContext {
  readonly config: Config;
  readonly repository: Repository;
  readonly fleet: Fleet;
  readonly log: Logger;
}

/** The configuration, with what must be switched on before the first connection. */
function readyConfig(): Config {
  const config = loadConfig();
  if (config.oracleClientDirectory !== null) useOracleClient(config.oracleClientDirectory);
  return config;
}

/** Logs of one-off commands go to standard error, and only from `warn` on: standard output is for the result. */
async function withRepository<T>(work: (context: CommandContext) => T | Promise<T>): Promise<T> {
  const config = readyConfig();
  const log = createLogger(config.logLevel === 'info' ? 'warn' : config.logLevel, process.stderr);
  const repository = await openRepository(config, log);
  try {
    const fleet = await provisionFleet(repository.pool, config, repository.embedded);
    return await work({ config, repository, fleet, log });
  } finally {
    await repository.close();
  }
}

function importContextOf({ config, repository, fleet, log }: CommandContext): Omit<ImportContext, 'write'> {
  const { timezone, retention } = config;
  const { pool } = repository;
  const aggregate = (): Promise<unknown> => computeStatistics({ pool, config, log });
  return { pool, fleet, timezone, retentionDays: retention.days, aggregate };
}

async function serve(started: Started): Promise<void> {
  const config = readyConfig();
  const log = createLogger(config.logLevel);
  await serveUntilStopped(() => startService(config, log), started, config, log);
}

async function demo(started: Started): Promise<void> {
  const config = demonstrationConfig(readyConfig, process.env);
  // The story is told on standard error; the log says what goes wrong.
  const log = createLogger(config.logLevel === 'info' ? 'warn' : config.logLevel);
  await serveUntilStopped(
    () => startDemonstration(config, log, (line) => process.stderr.write(`${line}\n`)),
    started,
    config,
    log,
  );
}

async function serveUntilStopped(
  start: () => Promise<Service>,
  started: Started,
  config: Config,
  log: Logger,
): Promise<void> {
  const stopRequested = new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  const service = await start();
  started(service);
  if (process.stdout.isTTY) process.stdout.write(`\n  Tidemark: ${service.url}\n\n`);
  log.info({ signal: await stopRequested }, 'stopping');
  // A repository or a server that answers no more must not keep the process beyond what its supervisor waits.
  const lastMoment = setTimeout(() => process.exit(exitCodes.ok), config.deadlines.exit);
  await service.stop();
  clearTimeout(lastMoment);
}

function collect(scope: Scope): Promise<number> {
  return withRepository(async ({ config, repository, fleet, log }) => {
    const context = contextOf(config, repository, fleet, log);
    const stopping = new AbortController();
    const stop = (): void => stopping.abort();
    process.once('SIGTERM', stop).once('SIGINT', stop);
    try {
      const session = await runCollection(context, {
        trigger: 'command',
        scope,
        requestedBy: userInfo().username,
        progress: process.stderr.isTTY ? barProgress(process.stderr) : silentProgress,
        signal: stopping.signal,
      });
      const { total, succeeded, partial, failed, interrupted, skipped } = session.instances;
      process.stdout.write(
        `${session.status}: ${total} instances, ${succeeded} succeeded, ${partial} partly, ${failed + interrupted} failed` +
          `${skipped === 0 ? '' : `, ${skipped} skipped`}; ` +
          `${session.databasesMeasured} databases measured, ${session.databasesFailed} failed\n`,
      );
      if (session.status === 'succeeded') return exitCodes.ok;
      return session.status === 'partial' ? exitCodes.partlyFailed : exitCodes.failed;
    } finally {
      process.removeListener('SIGTERM', stop).removeListener('SIGINT', stop);
      await context.watch.stop();
    }
  });
}

async function listAll({ repository }: CommandContext): Promise<void> {
  const { instances } = await listInstances(repository.pool, { limit: 1_000_000, offset: 0 });
  const rows = instances.map((instance) => [
    instance.name,
    instance.engine,
    `${instance.host}:${instance.port}`,
    instance.owner ?? '',
    instance.active ? instance.source : `${instance.source}, inactive`,
    instance.totalSizeBytes === null ? '' : String(instance.totalSizeBytes),
    instance.lastCollection?.status ?? 'never',
  ]);
  writeTable([['NAME', 'ENGINE', 'ADDRESS', 'OWNER', 'SOURCE', 'BYTES', 'LAST'], ...rows]);
}

async function showPartitions(context: CommandContext, apply: boolean): Promise<number> {
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

async function aggregateNow({ config, repository, log }: CommandContext): Promise<number> {
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

interface AddOptions {
  readonly engine: string;
  readonly host: string;
  readonly port?: number;
  readonly database?: string;
  readonly username: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
  readonly tls: string;
  readonly owner?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

async function addInstance({ repository, fleet }: CommandContext, name: string, options: AddOptions): Promise<void> {
  const { label: labels, tls, password, passwordStdin, ...rest } = options;
  const parsed = instanceSchema.safeParse({ name, ...rest, labels, tls: { mode: tls } });
  if (!parsed.success) throw new ConfigurationError(issuesOf(parsed.error));
  if (password !== undefined && passwordStdin === true) {
    throw new TidemarkError('usage', '--password and --password-stdin: expected one of the two');
  }
  const encrypted = passwordStdin === true ? fleet.vault.encrypt(await secretFromStdin(), name) : null;
  await addUserInstance(repository.pool, describe(parsed.data), {
    username: options.username,
    secretReference: password ?? null,
    encrypted,
  });
  process.stdout.write(`${name} is watched from the next collection on; try it: tidemark instances test ${name}\n`);
}

async function testInstance({ config, repository, fleet }: CommandContext, name: string): Promise<number> {
  const instance = await findInstance(repository.pool, { name });
  if (instance === null) throw new TidemarkError('not_found', `there is no instance "${name}"`);
  const { deadlines, allowLocalTargets } = config;
  const result = await testConnection(instance, { fleet, deadlines, allowLocalTargets });
  const databases = result.databases === null ? 'the databases' : `${result.databases} databases`;
  process.stdout.write(
    `${result.serverVersion}, ${result.encrypted ? 'encrypted' : 'not encrypted'}: ${databases} can be measured, ` +
      `${result.unmeasuredDatabases} cannot\n`,
  );
  for (const { databaseName, message } of result.findings)
    process.stdout.write(`  ${databaseName ?? name}: ${message}\n`);
  return result.databases !== null && result.unmeasuredDatabases === 0 ? exitCodes.ok : exitCodes.partlyFailed;
}

async function showCredentials({ repository }: CommandContext): Promise<void> {
  const rows = (await listCredentials(repository.pool)).map((credential) => [
    credential.name,
    credential.username,
    credential.secretReference ?? (credential.keyId === null ? 'no password' : `encrypted, key ${credential.keyId}`),
    credential.instances.join(', '),
  ]);
  writeTable([['NAME', 'USERNAME', 'PASSWORD', 'INSTANCES'], ...rows]);
}

async function rotate({ repository, fleet }: CommandContext): Promise<void> {
  const rotated = await rotateKey(repository.pool, fleet.vault);
  process.stdout.write(`${rotated} passwords encrypted anew with key ${fleet.vault.currentKeyId()}\n`);
}

function writeTable(table: readonly (readonly string[])[]): void {
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table) {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}
