import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './wait.ts';

const exporter = fileURLToPath(new URL('../../exporter', import.meta.url));
const command = join(exporter, 'bin', 'tidemark.js');

/** How a process ended, and all that it said. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  /** Nothing of the tests' own environment is handed on but PATH. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** What it reads from standard input; closed when left out. */
  readonly input?: string;
  /** Another installation of the command. */
  readonly command?: string;
}

/** A running `tidemark`. */
export interface TidemarkProcess {
  readonly pid: number;
  /** What it said so far. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/** An exporter that serves. */
export interface ServingProcess extends TidemarkProcess {
  readonly url: string;
}

/** Runs the compiled command to its end. */
export function runTidemark(args: readonly string[], options: ProcessOptions = {}): Promise<Ended> {
  return startTidemark(args, options).ended;
}

/** Starts the compiled command, as a process of its own. */
export function startTidemark(args: readonly string[], options: ProcessOptions = {}): TidemarkProcess {
  refuseStaleBuild();
  const child = spawn(process.execPath, [options.command ?? command, ...args], {
    cwd: options.directory ?? '/',
    env: { PATH: process.env.PATH, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(options.input ?? '');
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  return {
    pid: child.pid ?? 0,
    output: () => said.stdout + said.stderr,
    kill: (signal) => child.kill(signal),
    ended: ended(child).then(([code, signal]) => ({ code, signal, ...said })),
  };
}

async function ended(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  return (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
}

/** The token that opens the API of exporters started here, where a test names no other. */
export const adminToken = 'tests-admin-token-7cc1';

/** Starts `tidemark serve`, or another command that serves, on a free port and waits until it is ready. */
export async function startServing(
  options: ProcessOptions,
  subcommand: 'serve' | 'demo' = 'serve',
): Promise<ServingProcess> {
  const environment = { TIDEMARK_PORT: '0', TIDEMARK_ADMIN_TOKEN: adminToken, ...options.environment };
  const serving = startTidemark([subcommand], { ...options, environment });
  let hasEnded = false;
  void serving.ended.then(() => (hasEnded = true));
  const said = /"url":"([^"]+)","msg":"Tidemark is ready"|Tidemark: ready after [\d.]+ s: (\S+)/;
  const urlOf = (): string | undefined => {
    const [, logged, shown] = said.exec(serving.output()) ?? [];
    return logged ?? shown;
  };
  // A demonstration writes a year of history first.
  const patience = subcommand === 'demo' ? 300_000 : 30_000;
  await until(() => hasEnded || urlOf() !== undefined, 'the exporter is ready', patience).catch((error: unknown) => {
    serving.kill('SIGKILL');
    throw new Error(`tidemark ${subcommand} did not get ready: ${serving.output()}`, { cause: error });
  });
  const url = urlOf();
  if (url === undefined) throw new Error(`tidemark ${subcommand} ended: ${serving.output()}`);
  return { ...serving, url };
}

/** The tests of the command run what is built: `npm test` builds it before, and who runs Jest alone is told to. */
function refuseStaleBuild(): void {
  if (newest(join(exporter, 'src')) <= newest(join(exporter, 'dist', 'cli.js'))) return;
  throw new Error('exporter/dist is older than exporter/src: run "npm run build -w exporter" first');
}

function newest(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
