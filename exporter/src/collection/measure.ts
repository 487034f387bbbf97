import type { Deadlines } from '../config/deadlines.ts';
import type { EngineSession, Finding, InstanceMeasurement } from '../engines/engine.ts';

import { engineNamed } from '../engines/registry.ts';
import { TidemarkError } from '../errors.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { isLoopback } from '../network/addresses.ts';
import type { Instance } from '../store/instances.ts';

/** What a server answered, and which server it was. */
export interface MeasuredServer extends InstanceMeasurement {
  readonly serverVersion: string;
  readonly encrypted: boolean;
}

/**
 * Logs in to an instance, measures it and leaves; stores nothing.
 * @param signal ends it at its next step: the connection is closed under it
 * @throws TidemarkError when it cannot be reached or nothing can be measured; `cancelled` after the signal
 */
export async function measureInstance(
  instance: Instance,
  fleet: Fleet,
  deadlines: Deadlines,
  signal?: AbortSignal,
): Promise<MeasuredServer> {
  const session = await engineNamed(instance.engine).connect(fleet.targetOf(instance), deadlines);
  const close = (): void => void session.close();
  signal?.addEventListener('abort', close);
  try {
    if (signal?.aborted) throw cancelled();
    const measurement = await session.measure({
      wanted: fleet.wantedOn(instance),
      estimateOnTimeout: instance.estimateOnTimeout,
    });
    const warnings = [...measurement.warnings, ...unencryptedLogin(session)];
    // What was measured before the connection was closed would look like a server that lost its databases.
    if (signal?.aborted) throw cancelled();
    return { ...measurement, warnings, serverVersion: session.serverVersion, encrypted: session.encrypted };
  } catch (error) {
    throw signal?.aborted ? cancelled() : error;
  } finally {
    signal?.removeEventListener('abort', close);
    await session.close();
  }
}

function cancelled(): TidemarkError {
  return new TidemarkError('cancelled', 'cancelled while it was measured');
}

/** Under `prefer` a server without TLS is logged in to all the same: said on every run, unless nobody could listen. */
export function unencryptedLogin({ encrypted, remoteAddress }: EngineSession): Finding[] {
  if (encrypted || remoteAddress === null || isLoopback(remoteAddress)) return [];
  const message =
    'the login went over the network unencrypted: switch on TLS on the server, then set tls.mode to require or verify-full';
  return [{ databaseName: null, code: 'login_unencrypted', message }];
}
