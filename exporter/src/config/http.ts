import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { messageOf } from '../errors.ts';
import type { EnvironmentValues } from './environment.ts';
import type { ConfigurationIssue } from './issues.ts';
import type { Secret } from './secret.ts';

/** How the exporter meets its clients. */
export interface HttpSettings {
  /** Files in PEM; null: no TLS. */
  readonly tls: { readonly certificate: string; readonly key: string } | null;
  /** Of web pages that may call the API. */
  readonly corsOrigins: readonly string[];
  /** A minute and token; 0: no limit. */
  readonly requestsPerMinute: number;
  /** At the same time. */
  readonly exports: number;
  readonly metricsAccess: MetricsAccess;
}

/** What opens `/metrics`; where both are null it is open. */
export interface MetricsAccess {
  readonly token: Secret | null;
  readonly basic: { readonly username: string; readonly password: Secret } | null;
}

/** The settings that belong together, checked; certificates are looked at now, so that a wrong one is said at start. */
export function httpSettings(
  values: Partial<EnvironmentValues>,
  directory: string,
): { settings: HttpSettings; issues: ConfigurationIssue[] } {
  const { TIDEMARK_METRICS_USERNAME: username, TIDEMARK_METRICS_PASSWORD: password } = values;
  const issues: ConfigurationIssue[] = [];
  if ((username === undefined) !== (password === undefined)) {
    const [missing, given] = username === undefined ? ['USERNAME', 'PASSWORD'] : ['PASSWORD', 'USERNAME'];
    issues.push({ key: `TIDEMARK_METRICS_${missing}`, problem: `expected together with TIDEMARK_METRICS_${given}` });
  }
  const settings = {
    tls: tlsFiles(values, directory, issues),
    corsOrigins: values.TIDEMARK_CORS_ORIGINS ?? [],
    requestsPerMinute: values.TIDEMARK_RATE_LIMIT ?? 0,
    exports: values.TIDEMARK_EXPORTS ?? 1,
    metricsAccess: {
      token: values.TIDEMARK_METRICS_TOKEN ?? null,
      basic: username === undefined || password === undefined ? null : { username, password },
    },
  };
  return { settings, issues };
}

function tlsFiles(
  values: Partial<EnvironmentValues>,
  directory: string,
  issues: ConfigurationIssue[],
): HttpSettings['tls'] {
  const certificate = values.TIDEMARK_TLS_CERT_FILE;
  const key = values.TIDEMARK_TLS_KEY_FILE;
  if (certificate === undefined && key === undefined) return null;
  if (certificate === undefined || key === undefined) {
    const [missing, given] = key === undefined ? ['KEY', 'CERT'] : ['CERT', 'KEY'];
    issues.push({ key: `TIDEMARK_TLS_${missing}_FILE`, problem: `expected together with TIDEMARK_TLS_${given}_FILE` });
    return null;
  }
  const files = { certificate: resolve(directory, certificate), key: resolve(directory, key) };
  try {
    readTlsFiles(files);
  } catch (error) {
    issues.push({ key: 'TIDEMARK_TLS_CERT_FILE, TIDEMARK_TLS_KEY_FILE', problem: messageOf(error) });
  }
  return files;
}

/** What the files hold now. @throws Error where they cannot be read or do not belong together */
export function readTlsFiles(files: NonNullable<HttpSettings['tls']>): { cert: Buffer; key: Buffer } {
  const content = { cert: readFileSync(files.certificate), key: readFileSync(files.key) };
  createSecureContext(content);
  return content;
}
