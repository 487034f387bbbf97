import { userInfo } from 'node:os';
import { Command, CommanderError, Option } from 'commander';
import type { Logger } from 'pino';
import { command, exitCodes, readyConfig, withRepository, type CommandContext } from './cli/context.ts';
import { addCredentialCommands } from './cli/credentials.ts';
import { addHealthCommand } from './cli/health.ts';
import { addInstanceCommands } from './cli/instances.ts';
import { aggregateNow, showPartitions } from './cli/maintenance.ts';
import { addTokenCommands } from './cli/tokens.ts';
import { barProgress, plainProgress } from './collection/progress.ts';
import { runCollection } from './collection/run.ts';
import { configurationPath, loadConfig, type Config } from './config/config.ts';
import { demonstrationConfig, startDemonstration } from './demo.ts';
import { describeEngines } from './engines/describe.ts';
import { TidemarkError, messageOf, type ErrorCode } from './errors.ts';
import { addImportCommands, type ImportContext } from './import/command.ts';
import { provisionFleet } from './fleet/fleet.ts';
import { keyAndValue } from './key-and-value.ts';
import { createLogger } from './log.ts';
import { contextOf, startService, type Service } from './main.ts';
import { computeStatistics } from './maintenance.ts';
import { isAnyoneMeasuring } from './store/exporters.ts';
import type { CollectionSession, Scope } from './store/sessions.ts';
import { version } from './version.ts';

/** Is told of a service that runs, for what is started beside it. */
type Started = (service: Service) => void;

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

  addHealthCommand(
    command(program, 'health', 'whether the exporter of this machine is ready', [
      'tidemark health',
      'TIDEMARK_PORT=9800 tidemark health --live',
    ]),
    () => loadConfig(process.env, process.cwd(), { readsFile: false }),
  );

  command(program, 'collect', 'measure now, once: through the exporters that run, or by itself where none does', [
    'tidemark collect',
    'tidemark collect --instance orders-pg',
    'tidemark collect --label environment=production',
  ])
    .option('--instance <name>', 'only this instance')
    .addOption(
      new Option('--label <key=value>', 'only instances with this label').argParser(labelOf).conflicts('instance'),
    )
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
    withRepository(
      (context) => work({ ...importContextOf(context), write: (line) => process.stdout.write(`${line}\n`) }),
      { readsFile: true },
    ),
  );

  addInstanceCommands(program, finish);
  addCredentialCommands(program);
  addTokenCommands(program);

  command(program, 'engines', 'what can be measured on which server', ['tidemark engines']).action(() => {
    process.stdout.write(describeEngines());
  });
  return program;
}

/** @throws InvalidArgumentError where it is no `key=value` */
function labelOf(text: string): string {
  keyAndValue(text);
  return text;
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
  const file = { path: configurationPath(), load: loadConfig };
  await serveUntilStopped(() => startService(config, log, file), started, config, log);
}

async function demo(started: Started): Promise<void> {
  const config = demonstrationConfig(() => readyConfig({ readsFile: false }), process.env);
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
  let lastMoment: NodeJS.Timeout | undefined;
  const stopRequested = new Promise<NodeJS.Signals>((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      // A repository or a server that answers no more must not keep the process beyond what its supervisor waits.
      lastMoment ??= setTimeout(() => process.exit(exitCodes.ok), config.deadlines.exit);
      resolve(signal);
    };
    process.once('SIGTERM', stop).once('SIGINT', stop);
  });
  const service = await start();
  started(service);
  if (process.stdout.isTTY) process.stdout.write(`\n  The exporter, its API and /metrics: ${service.url}\n\n`);
  log.info({ signal: await stopRequested }, 'stopping');
  await service.stop();
  clearTimeout(lastMoment);
}

function collect(scope: Scope): Promise<number> {
  const work = async ({ config, repository, log, ...known }: CommandContext): Promise<number> => {
    // An exporter that runs reads its own file: another one would take its instances out and bring some it cannot log in to.
    const others = await isAnyoneMeasuring(repository.pool, config.deadlines.lease);
    const fleet = others ? known.fleet : await provisionFleet(repository.pool, config, repository.embedded);
    // The progress says what went wrong with which instance.
    const quiet = log.level === 'warn' ? log.child({}, { level: 'error' }) : log;
    const context = { ...contextOf(config, repository, fleet, log), log: quiet };
    const stopping = new AbortController();
    const stop = (): void => stopping.abort();
    process.once('SIGTERM', stop).once('SIGINT', stop);
    try {
      const session = await runCollection(context, {
        trigger: 'command',
        scope,
        requestedBy: userInfo().username,
        progress: process.stderr.isTTY ? barProgress(process.stderr) : plainProgress(process.stderr),
        signal: stopping.signal,
      });
      process.stdout.write(describeRun(session));
      if (session.status === 'succeeded') return exitCodes.ok;
      return session.status === 'partial' ? exitCodes.partlyFailed : exitCodes.failed;
    } finally {
      process.removeListener('SIGTERM', stop).removeListener('SIGINT', stop);
      await context.watch.stop();
    }
  };
  return withRepository(work, { readsFile: true });
}

/** What came of a run, in one line. */
function describeRun(session: CollectionSession): string {
  const { id, status, instances, databasesMeasured, databasesFailed } = session;
  if (status === 'running') {
    return session.cancelRequestedAt === null
      ? `run ${id} goes on without this command: tidemark collect follows it again\n`
      : `run ${id} is being cancelled: ${instances.running} instances have not noticed yet\n`;
  }
  const { total, succeeded, partial, failed, interrupted, skipped, cancelled } = instances;
  const left = [skipped > 0 ? `, ${skipped} skipped` : '', cancelled > 0 ? `, ${cancelled} cancelled` : ''].join('');
  return (
    `${status}: ${total} instances, ${succeeded} succeeded, ${partial} partly, ${failed + interrupted} failed${left}; ` +
    `${databasesMeasured} databases measured, ${databasesFailed} failed\n`
  );
}
