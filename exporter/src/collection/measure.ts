import type { Deadlines } from '../config/deadlines.ts';
import { madeStorable } from '../config/text.ts';
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

/** How far measuring has come, for those who look on. */
interface Watching {
  /** Ends it at its next step: the connection is closed under it. */
  readonly signal: AbortSignal;
  /** Called after the login: what comes now costs the server something. */
  readonly loggedIn: () => void;
}

/**
 * Logs in to an instance, measures it and leaves; stores nothing.
 * @throws TidemarkError when it cannot be reached or nothing can be measured; `cancelled` after the signal
 */
export async function measureInstance(
  instance: Instance,
  fleet: Fleet,
  deadlines: Deadlines,
  { signal, loggedIn }: Watching,
): Promise<MeasuredServer> {
  const session = await unlessEnded(engineNamed(instance.engine).connect(fleet.targetOf(instance), deadlines), signal);
  loggedIn();
  const close = (): void => void session.close();
  signal.addEventListener('abort', close);
  try {
    refuseAfter(signal);
    const measurement = await session.measure({
      wanted: fleet.wantedOn(instance),
      estimateOnTimeout: instance.estimateOnTimeout,
    });
    const warnings = [...measurement.warnings, ...unencryptedLogin(session)];
    // What was measured before the connection was closed would look like a server that lost its databases.
    refuseAfter(signal);
    const { serverVersion, encrypted } = session;
    return asStorable({ ...measurement, warnings, serverVersion, encrypted });
  } catch (error) {
    throw signal.aborted ? cancelled() : error;
  } finally {
    signal.removeEventListener('abort', close);
    await session.close();
  }
}

/** A server says what it likes; one character that the repository refuses would cost all that was measured. */
function asStorable(measured: MeasuredServer): MeasuredServer {
  const { databases, storage, failures, warnings, serverVersion } = measured;
  const findings = (found: readonly Finding[]): Finding[] =>
    found.map(({ databaseName, code, message }) => ({
      databaseName: databaseName === null ? null : madeStorable(databaseName),
      code,
      message: madeStorable(message),
    }));
  return {
    ...measured,
    databases: databases.map((row) => ({ ...row, databaseName: madeStorable(row.databaseName) })),
    storage: storage.map((row) => ({ ...row, name: madeStorable(row.name) })),
    failures: findings(failures),
    warnings: findings(warnings),
    serverVersion: madeStorable(serverVersion),
  };
}

/** A login that nobody waits for any more ends by itself at its deadline. @throws TidemarkError `cancelled` at the signal */
async function unlessEnded(login: Promise<EngineSession>, signal: AbortSignal): Promise<EngineSession> {
  let end = (): void => undefined;
  const ended = new Promise<never>((_, reject) => {
    end = () => reject(cancelled());
    signal.addEventListener('abort', end);
  });
  try {
    return await Promise.race([login, ended]);
  } catch (error) {
    void login.then((late) => late.close()).catch(() => undefined);
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function refuseAfter(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled();
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
