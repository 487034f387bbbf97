import type { Command } from 'commander';
import { TidemarkError } from './errors.ts';

/** How long an exporter may take to answer, in milliseconds. */
const patience = 5_000;

/**
 * Adds `health`, for the health checks of containers, where there is no curl.
 * @param addressOf reads the address that the exporter listens on from the configuration
 */
export function addHealthCommand(command: Command, addressOf: () => { host: string; port: number }): void {
  command
    .option('--live', 'only whether it lives, not whether its repository answers')
    .action(async (options: { live?: boolean }) => {
      const { host, port } = addressOf();
      const url = new URL(options.live === true ? '/livez' : '/readyz', `http://${reachable(host)}:${port}`);
      const answer = await fetch(url, { signal: AbortSignal.timeout(patience) }).then(
        async (response) => ({ ok: response.ok, text: await response.text() }),
        () => ({ ok: false, text: 'nothing answers there' }),
      );
      if (!answer.ok) throw new TidemarkError('unhealthy', `${url.href}: ${answer.text.trim()}`);
      process.stdout.write(`${url.href}: ${answer.text.trim()}\n`);
    });
}

/** What listens everywhere is reached here. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
