import type { DataSourceJsonData } from '@grafana/data';

/** Readable by every viewer: nothing secret belongs here. */
export interface TidemarkOptions extends DataSourceJsonData {}

/** Kept by the Grafana server, which adds it to requests; the browser writes it and never reads it. */
export interface TidemarkSecrets {
  /** A token of the exporter: `tmk_…`. */
  readonly apiToken?: string;
}
