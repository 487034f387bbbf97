import { once } from 'node:events';
import { get as getOverHttp, type IncomingMessage } from 'node:http';
import { get as getOverTls } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { TidemarkError } from '../errors.ts';

/** How long an exporter may take to answer, in milliseconds. */
const patience = 5_000;

interface Address {
  readonly host: string;
  readonly port: number;
  readonly http: { readonly tls: unknown };
}

/**
 * Adds `health`, for the health checks of containers, where there is no curl.
 * @param addressOf reads the address that the exporter listens on from the configuration
 */
export function addHealthCommand(command: Command, addressOf: () => Address): void {
  command
    .option('--live', 'only whether it lives, not whether its repository answers')
    .action(async (options: { live?: boolean }) => {
      const { host, port, http } = addressOf();
      const scheme = http.tls === null ? 'http' : 'https';
      const url = new URL(options.live === true ? '/livez' : '/readyz', `${scheme}://${reachable(host)}:${port}`);
      const answer = await ask(url).catch(() => ({ ok: false, text: 'nothing answers there' }));
      if (!answer.ok) throw new TidemarkError('unhealthy', `${url.href}: ${answer.text.trim()}`);
      process.stdout.write(`${url.href}: ${answer.text.trim()}\n`);
    });
}

/** The certificate is not looked at: it is that of the name under which others know this machine. */
async function ask(url: URL): Promise<{ ok: boolean; text: string }> {
  const signal = AbortSignal.timeout(patience);
  const request =
    url.protocol === 'https:'
      ? getOverTls(url, { signal, agent: false, rejectUnauthorized: false })
      : getOverHttp(url, { signal, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { ok: response.statusCode === 200, text: await text(response) };
}

/** What listens everywhere is reached here. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
