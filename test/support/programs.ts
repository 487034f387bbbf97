import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './wait.ts';

/** A program of the operating system that serves. */
export interface RunningProgram {
  /** What it wrote to standard error so far: its log. */
  said(): string;
  stop(): Promise<void>;
}

/** Starts it and waits until an address answers. @throws with what it said when it ends instead */
export async function startProgram(
  program: string,
  readyUrl: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningProgram> {
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  try {
    await until(
      async () => {
        if (child.exitCode !== null) throw new Error(`${program} ended: ${said}`);
        return fetch(readyUrl).then(
          (response) => response.ok,
          () => false,
        );
      },
      `${program} is ready`,
      60_000,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { said: () => said, stop };
}
