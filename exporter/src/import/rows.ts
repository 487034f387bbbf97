import type { DatabaseMeasurement } from '../engines/engine.ts';

/** A measurement of the past, as a source tells it. */
export interface PastMeasurement extends DatabaseMeasurement {
  /** As the source calls the instance. */
  readonly instanceName: string;
  /** Of the instance that is meant; null: any. */
  readonly engine: string | null;
  /** YYYY-MM-DD in the configured time zone. */
  readonly collectedDate: string;
  readonly collectedAt: Date;
  /** Where it stands in its source, as a message says it: `line 14`. */
  readonly place: string;
}

/** What a source holds. */
export interface PastMeasurements {
  readonly rows: readonly PastMeasurement[];
  /** What was left out, and why: said, not hidden. */
  readonly notes: readonly string[];
}
