import type { Deadlines } from '../config/deadlines.ts';
import type { Secret } from '../config/secret.ts';
import { withDeadline } from '../engines/deadline.ts';
import type { EngineSession, Finding, InstanceMeasurement, Target } from '../engines/engine.ts';
import { engineNamed } from '../engines/registry.ts';
import { messageOf, TidemarkError } from '../errors.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { isForbiddenTarget, resolveAddresses } from '../network/addresses.ts';
import type { Instance } from '../store/instances.ts';
import { unencryptedLogin } from './measure.ts';

/** What a test of an instance found. */
export interface ConnectionTest {
  readonly serverVersion: string;
  readonly encrypted: boolean;
  /** How many databases can be measured; null when counting them took too long for a test. */
  readonly databases: number | null;
  /** How many cannot; the findings say why. */
  readonly unmeasuredDatabases: number;
  /** What is missing, with the statements that mend it. */
  readonly findings: readonly Finding[];
}

export interface ConnectionTestContext {
  readonly fleet: Fleet;
  readonly deadlines: Deadlines;
  /** Whether addresses of this machine and its cloud may be tested. */
  readonly allowLocalTargets: boolean;
}

/**
 * Logs in to an instance and says what can be measured; stores nothing.
 * @param password in place of the one that is stored
 * @throws TidemarkError `target_refused` for an address that may not be tested, before any connection is made; what
 *   `Engine.connect` throws
 */
export async function testConnection(
  instance: Instance,
  context: ConnectionTestContext,
  password?: Secret,
): Promise<ConnectionTest> {
  const { fleet, deadlines, allowLocalTargets } = context;
  const target = password === undefined ? fleet.targetOf(instance) : { ...fleet.targetOf(instance), password };
  const checked = allowLocalTargets ? target : await checkedTarget(target);
  const session = await engineNamed(instance.engine).connect(checked, deadlines);
  try {
    const measured = await measureBriefly(session, fleet.wantedOn(instance), deadlines);
    return {
      serverVersion: session.serverVersion,
      encrypted: session.encrypted,
      databases: 'code' in measured ? null : measured.databases.length,
      unmeasuredDatabases: 'code' in measured ? 0 : measured.failures.length,
      findings:
        'code' in measured ? [measured] : [...unencryptedLogin(session), ...measured.warnings, ...measured.failures],
    };
  } finally {
    await session.close();
  }
}

async function measureBriefly(
  session: EngineSession,
  wanted: (databaseName: string) => boolean,
  deadlines: Deadlines,
): Promise<InstanceMeasurement | Finding> {
  try {
    return await withDeadline(session.measure({ wanted, estimateOnTimeout: false }), {
      milliseconds: deadlines.connectionTest,
      name: 'measuring',
      // The caller closes the session, which ends the statement.
      onTimeout: () => undefined,
    });
  } catch (error) {
    const code = error instanceof TidemarkError ? error.code : 'internal';
    if (code === 'internal') throw error;
    return { databaseName: null, code, message: messageOf(error) };
  }
}

/** The target with its host replaced by the address that was checked, so that a second look-up cannot lead elsewhere. */
async function checkedTarget(target: Target): Promise<Target> {
  const addresses = await resolveAddresses(target.host).catch(() => []);
  const [address] = addresses;
  if (address === undefined || addresses.some(isForbiddenTarget)) {
    throw new TidemarkError(
      'target_refused',
      'this host cannot be tested: it does not resolve, or to an address of this machine or of the cloud around it ' +
        '(TIDEMARK_ALLOW_LOCAL_TARGETS=true on the exporter allows those)',
    );
  }
  return { ...target, host: address, tls: { server_name: target.host, ...target.tls } };
}
