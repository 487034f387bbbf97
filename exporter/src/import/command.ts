import { InvalidArgumentError, Option, type Command } from 'commander';
import { DateTime } from 'luxon';
import type pg from 'pg';
import { parseSecretReference } from '../config/references.ts';
import { TidemarkError } from '../errors.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { listInstances } from '../store/instances.ts';
import { keyAndValue } from '../key-and-value.ts';
import { addDays, dayIn } from '../store/periods.ts';
import { readCsv } from './csv.ts';
import { importHistory, type ImportReport } from './import.ts';
import { resolverOf } from './instances.ts';
import { readPrometheus } from './prometheus.ts';
import type { PastMeasurements } from './rows.ts';
import { ownSource, prometheusSources, type PrometheusSource } from './prometheus-sources.ts';

/** What the commands need of an open repository. */
export interface ImportContext {
  readonly pool: pg.Pool;
  readonly fleet: Pick<Fleet, 'wantedOn'>;
  readonly timezone: string;
  /** Daily rows older than so many days go with the next cleanup; their statistics stay. */
  readonly retentionDays: number;
  /** Computes the statistics of what was written. */
  readonly aggregate: () => Promise<unknown>;
  readonly write: (line: string) => void;
}

interface CommonOptions {
  readonly map?: Readonly<Record<string, string>>;
  readonly skipUnknown?: boolean;
  readonly replace?: boolean;
  readonly dryRun?: boolean;
}

interface PrometheusOptions extends CommonOptions {
  readonly from?: string;
  readonly to?: string;
  readonly source?: readonly string[];
  readonly query?: string;
  readonly instanceLabel: string;
  readonly databaseLabel: string;
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
  readonly header?: Readonly<Record<string, string>>;
}

/** How far back a Prometheus is asked when nothing else is said. */
const usualDays = 400;
const queryDeadline = 120_000;

/** Adds `import csv` and `import prometheus`. @param run opens the repository around the work */
export function addImportCommands(
  program: Command,
  run: (work: (context: ImportContext) => Promise<void>) => Promise<void>,
): void {
  const group = program.command('import').description('history from before Tidemark').exitOverride();
  common(group.command('csv').description('history from a CSV file'))
    .argument('<file>', 'with the columns instance_name, database_name, collected_date, size_bytes, and more')
    .addHelpText('after', '\nExamples:\n  tidemark import csv history.csv --dry-run\n  tidemark import csv history.csv')
    .action((file: string, options: CommonOptions) =>
      run(async (context) => {
        const { rows, notes } = readCsv(file, context.timezone);
        await write(context, { rows, notes }, options);
      }),
    );
  common(group.command('prometheus').description('history from a Prometheus, the last value of each day'))
    .argument('<url>', 'such as http://prometheus:9090')
    .option('--from <day>', `first day, YYYY-MM-DD; ${usualDays} days ago when left out`, day)
    .option('--to <day>', 'last day; yesterday when left out', day)
    .addOption(
      new Option('--source <name...>', 'whose metrics are read; all that there are when left out').choices(
        prometheusSources.map(({ name }) => name),
      ),
    )
    .option('--query <expression>', 'an own expression in bytes, one series a database, instead')
    .option('--instance-label <label>', 'of the own expression', 'instance')
    .option('--database-label <label>', 'of the own expression', 'database')
    .option('--username <name>', 'for basic authentication')
    .option('--password <reference>', 'env:NAME or file:PATH')
    .option('--token <reference>', 'a bearer token: env:NAME or file:PATH')
    .option('--header <name=value...>', 'a further header, such as X-Scope-OrgID=tenant', keyAndValue)
    .addHelpText(
      'after',
      '\nExamples:\n  tidemark import prometheus http://prometheus:9090 --dry-run\n' +
        '  tidemark import prometheus http://prometheus:9090 --map db1.example.net:9187=orders-pg\n' +
        "  tidemark import prometheus http://prometheus:9090 --query 'sum by (server, db) (my_size_bytes)' --instance-label server --database-label db",
    )
    .action((url: string, options: PrometheusOptions) => run((context) => fromPrometheus(context, url, options)));
}

function common(command: Command): Command {
  return command
    .exitOverride()
    .option('--map <name=instance...>', 'what the source calls an instance, and its name here', keyAndValue)
    .option('--skip-unknown', 'leave out what belongs to no instance')
    .option('--replace', 'overwrite days that are stored already')
    .option('--dry-run', 'look at everything, write nothing');
}

async function fromPrometheus(context: ImportContext, url: string, options: PrometheusOptions): Promise<void> {
  const today = dayIn(context.timezone, new Date());
  // Today is not over: its last value is still to come.
  const toDay = options.to ?? addDays(today, -1);
  const fromDay = options.from ?? addDays(toDay, 1 - usualDays);
  if (fromDay > toDay) throw new TidemarkError('usage', `--from ${fromDay} is after --to ${toDay}`);
  if (toDay >= today)
    throw new TidemarkError('usage', `--to ${toDay}: expected a day that is over (today is ${today})`);
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new TidemarkError('usage', `"${url}": expected the address of a Prometheus, such as http://prometheus:9090`);
  }
  const past = await readPrometheus({
    ...{ url, sources: sourcesOf(options), headers: headersOf(options), fromDay, toDay },
    ...{ timezone: context.timezone, deadline: queryDeadline },
  });
  await write(context, past, options);
}

function sourcesOf({ source, query, instanceLabel, databaseLabel }: PrometheusOptions): readonly PrometheusSource[] {
  if (query !== undefined && source !== undefined) {
    throw new TidemarkError('usage', '--query and --source: expected one of the two');
  }
  if (query !== undefined) return [ownSource(query, instanceLabel, databaseLabel)];
  return prometheusSources.filter(({ name }) => source === undefined || source.includes(name));
}

function headersOf({ username, password, token, header }: PrometheusOptions): Record<string, string> {
  if (token !== undefined && username !== undefined) {
    throw new TidemarkError('usage', '--token and --username: expected one of the two');
  }
  if (token !== undefined) return { ...header, authorization: `Bearer ${secretOf('--token', token)}` };
  if (username === undefined) return { ...header };
  const word = password === undefined ? '' : secretOf('--password', password);
  return { ...header, authorization: `Basic ${Buffer.from(`${username}:${word}`).toString('base64')}` };
}

function secretOf(option: string, reference: string): string {
  if (!/^(env|file):./.test(reference)) {
    throw new TidemarkError(
      'usage',
      `${option}: expected env:NAME or file:PATH: a secret on the command line can be read by others`,
    );
  }
  return parseSecretReference(reference, process.env).read().reveal();
}

async function write(context: ImportContext, { rows, notes }: PastMeasurements, options: CommonOptions): Promise<void> {
  const { pool, fleet, timezone } = context;
  const { instances } = await listInstances(pool, { limit: 1_000_000, offset: 0 });
  const dryRun = options.dryRun === true;
  const today = dayIn(timezone, new Date());
  const report = await importHistory(pool, rows, {
    resolve: resolverOf(instances, options.map ?? {}),
    wanted: (instance) => fleet.wantedOn(instance),
    skipUnknown: options.skipUnknown === true,
    replace: options.replace === true,
    ...{ dryRun, today },
  });
  for (const note of [...notes, ...report.notes]) context.write(note);
  context.write(describe(report, dryRun));
  if (dryRun || report.written === 0) return;
  await context.aggregate();
  const oldest = addDays(today, -context.retentionDays);
  if (report.firstDay !== null && report.firstDay < oldest) {
    context.write(
      `what is older than ${oldest} is past the retention of ${context.retentionDays} days: the next cleanup drops the ` +
        'daily rows of such months, their statistics stay (DATABASE_SIZE_RETENTION_DAYS, DATABASE_SIZE_RETENTION_MONTHS)',
    );
  }
}

function describe(report: ImportReport, dryRun: boolean): string {
  const { written, kept, instances, databases, firstDay, lastDay } = report;
  const period = firstDay === null ? '' : `, ${firstDay} to ${lastDay ?? ''}`;
  return (
    `${written} measurements ${dryRun ? 'would be written' : 'written'}: ${instances} instances, ${databases} databases${period}` +
    `; ${kept} stored already and kept`
  );
}

function day(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || !DateTime.fromISO(text).isValid) {
    throw new InvalidArgumentError('expected YYYY-MM-DD.');
  }
  return text;
}
