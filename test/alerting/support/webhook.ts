import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One alert of a notification, as Alertmanager sends it to a webhook. */
export interface ToldAlert {
  /** Of alertmanager.yml. */
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Who is told, in place of people. */
export interface Webhook {
  readonly url: string;
  /** All that came, in order. */
  readonly told: readonly ToldAlert[];
  close(): Promise<void>;
}

export async function startWebhook(): Promise<Webhook> {
  const told: ToldAlert[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const notification = JSON.parse(Buffer.concat(chunks).toString()) as {
        readonly receiver: string;
        readonly alerts: readonly Omit<ToldAlert, 'receiver'>[];
      };
      // The last part of the address is the receiver's own.
      if (request.url !== `/${notification.receiver}`)
        throw new Error(`${notification.receiver} at ${request.url ?? ''}`);
      told.push(...notification.alerts.map((alert) => ({ ...alert, receiver: notification.receiver })));
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    told,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
