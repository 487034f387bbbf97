import { browserServers } from './servers.ts';

/** Asks the exporter directly: what pages show is compared with what it says. */
export async function ask<T>(path: string): Promise<T> {
  const { exporter, token } = browserServers();
  const response = await fetch(`${exporter}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`${response.status} ${path}: ${await response.text()}`);
  return ((await response.json()) as { data: T }).data;
}
