import { readFileSync } from 'node:fs';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { messageOf, TidemarkError } from '../errors.ts';
import type { EngineSession, Target } from './engine.ts';

/**
 * The TLS options of Node for a target, or null where it asks for none. Only `verify-full` looks at the certificate:
 * the chain against the CA (the system's where none is given), the name against `server_name` or the host.
 * @throws TidemarkError `credential_unavailable` when a file cannot be read
 */
export function tlsConnectionOptions(target: Target): ConnectionOptions | null {
  const { mode, ca, cert, key, server_name: serverName } = target.tls;
  if (mode === 'disable') return null;
  const name = serverName ?? target.host;
  return {
    ...(ca === undefined ? {} : { ca: readPem(ca) }),
    ...(cert === undefined ? {} : { cert: readPem(cert) }),
    ...(key === undefined ? {} : { key: readPem(key) }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    rejectUnauthorized: mode === 'verify-full',
    checkServerIdentity: (_host, certificate) =>
      mode === 'verify-full' ? checkServerIdentity(name, certificate) : undefined,
  };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new TidemarkError('credential_unavailable', `a file of tls cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Connects with TLS as the target's mode says. Under `prefer` a server that has no TLS is asked again without it.
 * @param open connects; its error's cause is what `lacksTls` looks at
 */
export async function connectAsPreferred<Session extends EngineSession>(
  target: Target,
  open: (encrypted: boolean) => Promise<Session>,
  lacksTls: (cause: unknown) => boolean,
): Promise<Session> {
  try {
    return await open(target.tls.mode !== 'disable');
  } catch (error) {
    const refused = error instanceof TidemarkError && lacksTls(error.cause);
    if (target.tls.mode !== 'prefer' || !refused) throw error;
    return open(false);
  }
}
