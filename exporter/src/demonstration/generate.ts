import type { DatabaseMeasurement, StorageMeasurement } from '../engines/engine.ts';
import { daysOf, type DemonstrationDay } from './calendar.ts';
import { planFleet, type DemonstrationServer } from './fleet.ts';
import { measureDatabase } from './measure.ts';
import { nightOf, type Night } from './nights.ts';
import { randomFor } from './random.ts';
import { planStorage } from './storage.ts';

/** What a demonstration is made from: the same values give the same numbers. */
export interface DemonstrationRequest {
  readonly seed: number;
  /** The first day, YYYY-MM-DD, even if it is not wanted: everything is counted from it. */
  readonly firstDay: string;
  /** The days that are wanted, both included. */
  readonly fromDay: string;
  readonly toDay: string;
  /** IANA zone in which days begin. */
  readonly timezone: string;
}

/** One server in one night. */
export interface DemonstrationNight {
  readonly day: DemonstrationDay;
  readonly night: Night;
  /** Empty where the night failed. */
  readonly databases: readonly DatabaseMeasurement[];
  readonly storage: readonly StorageMeasurement[];
}

/** One server and its nights, in order; a night without a collection is missing. */
export interface DemonstrationHistory {
  readonly server: DemonstrationServer;
  readonly nights: readonly DemonstrationNight[];
}

/**
 * Makes the history of a fleet of four engines: 40 servers, 600 databases, and what happens to them in about 400 days (see
 * `stories.ts`). A pure function: no clock, no chance, and a later day never changes an earlier one, so that a demonstration
 * can be gone on with.
 */
export function* generateHistory(request: DemonstrationRequest): Generator<DemonstrationHistory> {
  const { seed, firstDay, fromDay, toDay, timezone } = request;
  const days = daysOf(firstDay, toDay, timezone);
  for (const server of planFleet(seed)) {
    const measured = server.databases.map((plan) =>
      measureDatabase(server.engine, plan, days, (purpose) => randomFor(seed, server.name, plan.name, purpose)),
    );
    const storageOf = planStorage(seed, server);
    const nights = days.flatMap((day, position): DemonstrationNight[] => {
      if (day.date < fromDay) return [];
      const night = nightOf(seed, server, day);
      if (night === null) return [];
      if (night.status === 'failed') return [{ day, night, databases: [], storage: [] }];
      const databases = measured.flatMap((history) => history[position] ?? []);
      return [{ day, night, databases, storage: storageOf(day, databases) }];
    });
    yield { server, nights };
  }
}
