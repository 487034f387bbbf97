import { text } from 'node:stream/consumers';
import { Option, type Command } from 'commander';
import { testConnection } from '../collection/connection-test.ts';
import type { Config } from '../config/config.ts';
import { instanceSchema } from '../config/file.ts';
import { ConfigurationError, issuesOf } from '../config/issues.ts';
import { Secret } from '../config/secret.ts';
import { engineNames } from '../engines/registry.ts';
import { TidemarkError } from '../errors.ts';
import { describe } from '../fleet/fleet.ts';
import { keyAndValue } from '../key-and-value.ts';
import { commandLine } from '../store/audit.ts';
import { createInstance } from '../store/instance-changes.ts';
import { listInstances } from '../store/instance-list.ts';
import { findInstance, nameTaken, type Instance } from '../store/instances.ts';
import { command, exitCodes, withRepository, writeTable, type CommandContext } from './context.ts';

/** `tidemark instances list | add | test` */
export function addInstanceCommands(program: Command, finish: (code: number) => void): void {
  const instances = program.command('instances').description('what is watched').exitOverride();
  command(instances, 'list', 'all instances with their size and last collection', ['tidemark instances list']).action(
    () => withRepository(listAll, { readsFile: true }),
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
      return withRepository((context) => addInstance(context, name, options), { readsFile: true });
    });
  command(instances, 'test', 'log in, measure, store nothing', ['tidemark instances test orders-pg'])
    .argument('<name>', 'which one')
    .action((name: string) =>
      withRepository(async (context) => finish(await testInstance(context, name)), { readsFile: true }),
    );
}

async function listAll({ config, repository }: CommandContext): Promise<void> {
  const { instances } = await listInstances(repository.pool, {
    fleet: { visibleTo: null },
    limit: 1_000_000,
    offset: 0,
  });
  const rows = instances.map((instance) => [
    instance.name,
    instance.engine,
    `${instance.host}:${instance.port}`,
    instance.owner ?? '',
    instance.active ? instance.source : `${instance.source}, inactive`,
    instance.totalSizeBytes === null ? '' : String(instance.totalSizeBytes),
    instance.lastCollection?.status ?? 'never',
  ]);
  const known = new Set(instances.map((instance) => instance.name));
  const coming = (config.file?.instances ?? []).filter(({ name }) => !known.has(name)).map(describe);
  writeTable([
    ['NAME', 'ENGINE', 'ADDRESS', 'OWNER', 'SOURCE', 'BYTES', 'LAST'],
    ...rows,
    ...coming.map(({ name, engine, host, port, owner }) => [
      ...[name, engine, `${host}:${port}`, owner ?? '', 'file, not watched yet', '', 'never'],
    ]),
  ]);
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

async function addInstance(
  { config, repository, fleet }: CommandContext,
  name: string,
  options: AddOptions,
): Promise<void> {
  if (inFile(config, name) !== null) throw nameTaken(name);
  const { label: labels, tls, password, passwordStdin, ...rest } = options;
  const parsed = instanceSchema.safeParse({ name, ...rest, labels, tls: { mode: tls } });
  if (!parsed.success) throw new ConfigurationError(issuesOf(parsed.error));
  if (password !== undefined && passwordStdin === true) {
    throw new TidemarkError('usage', '--password and --password-stdin: expected one of the two');
  }
  const given = passwordStdin === true ? await secretFromStdin() : null;
  const stored = given === null ? null : { encryptFor: (owner: string) => fleet.vault.encrypt(given, owner) };
  await createInstance(repository.pool, commandLine, describe(parsed.data), {
    username: options.username,
    secret: password === undefined ? stored : { reference: password },
  });
  process.stdout.write(`${name} is watched from the next collection on; try it: tidemark instances test ${name}\n`);
}

async function testInstance({ config, repository, fleet }: CommandContext, name: string): Promise<number> {
  const stored = await findInstance(repository.pool, { name });
  const instance = stored?.source === 'user' ? stored : (inFile(config, name) ?? stored);
  if (instance === null) throw new TidemarkError('not_found', `there is no instance "${name}"`);
  // Whoever can run commands here can reach this machine without us.
  const result = await testConnection(instance, { fleet, deadlines: config.deadlines, allowLocalTargets: true });
  const databases = result.databases === null ? 'the databases' : `${result.databases} databases`;
  process.stdout.write(
    `${result.serverVersion}, ${result.encrypted ? 'encrypted' : 'not encrypted'}: ${databases} can be measured, ` +
      `${result.unmeasuredDatabases} cannot\n`,
  );
  for (const { databaseName, message } of result.findings)
    process.stdout.write(`  ${databaseName ?? name}: ${message}\n`);
  return result.databases !== null && result.unmeasuredDatabases === 0 ? exitCodes.ok : exitCodes.partlyFailed;
}

/** As the file has it now: it may have been changed since the exporters have read it. */
function inFile({ file }: Config, name: string): Instance | null {
  const definition = file?.instances.find((candidate) => candidate.name === name);
  if (definition === undefined) return null;
  const login = { username: null, secretReference: null, encryptedSecret: null };
  return { ...describe(definition), ...login, id: 0, source: 'file', serverVersion: null };
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
