import type { DataSourceJsonData } from '@grafana/data';

/** Readable by every viewer: nothing secret belongs here. The names are those that Grafana's proxy knows. */
export interface TidemarkOptions extends DataSourceJsonData {
  /** Trusts the certificate in `tlsCACert`. */
  readonly tlsAuthWithCACert?: boolean;
  readonly tlsSkipVerify?: boolean;
}

/** Kept by the Grafana server, which adds it to requests; the browser writes it and never reads it. */
export interface TidemarkSecrets {
  /** A token of the exporter: `tmk_…`. */
  readonly apiToken?: string;
  /** PEM. */
  readonly tlsCACert?: string;
}
