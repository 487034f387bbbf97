import type { Deadlines } from '../config/deadlines.ts';
import type { InstanceMeasurement } from '../engines/engine.ts';
import { engineNamed } from '../engines/registry.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Instance } from '../store/instances.ts';

/** What a server answered, and which server it was. */
export interface MeasuredServer extends InstanceMeasurement {
  readonly serverVersion: string;
  readonly encrypted: boolean;
}

/**
 * Logs in to an instance, measures it and leaves; stores nothing.
 * @throws TidemarkError when it cannot be reached or nothing can be measured
 */
export async function measureInstance(instance: Instance, fleet: Fleet, deadlines: Deadlines): Promise<MeasuredServer> {
  const session = await engineNamed(instance.engine).connect(fleet.targetOf(instance), deadlines);
  try {
    const measurement = await session.measure({
      wanted: fleet.wantedOn(instance),
      estimateOnTimeout: instance.estimateOnTimeout,
    });
    return { ...measurement, serverVersion: session.serverVersion, encrypted: session.encrypted };
  } finally {
    await session.close();
  }
}
