/** Engines that the exporter knows today; it may know more tomorrow, so the pages take any text. */
export type EngineName = 'postgresql' | 'mysql' | 'sqlserver' | 'oracle' | (string & {});

/** A calendar day in the exporter's time zone, YYYY-MM-DD. */
export type Day = string;

/** ISO 8601, UTC. */
export type Moment = string;

/** Narrows what is listed to a part of the fleet. Within one kind any of the values, across kinds all of them. */
export interface FleetFilters {
  readonly engine?: readonly string[] | undefined;
  readonly owner?: readonly string[] | undefined;
  /** `key=value`; the values of one key are alternatives, different keys must all hold. */
  readonly label?: readonly string[] | undefined;
  readonly instance_id?: readonly number[] | undefined;
}

/** Both days included; the exporter's default is the last 30 days. */
export interface DayRange {
  readonly start_date?: Day | undefined;
  readonly end_date?: Day | undefined;
}

export interface Paging {
  /** 1 to 1000, 100 unless said. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** How sizes changed over the last days. */
export interface GrowthSummary {
  readonly days: number;
  readonly change_bytes: number | null;
  /** Percent. */
  readonly growth_rate: number | null;
}

/** Sizes of the last days, in columns. */
export interface SparklineData {
  readonly t: readonly Day[];
  readonly size_bytes: readonly (number | null)[];
}

export type SessionStatus = 'queued' | 'running' | 'succeeded' | 'partial' | 'failed' | 'interrupted' | 'cancelled';
export type RecordStatus = SessionStatus | 'skipped';
