import { IANAZone } from 'luxon';
import cronParser from 'cron-parser';
import cron from 'node-cron';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { defaultDeadlines, type Deadlines } from './deadlines.ts';
import { issuesOf, type ConfigurationIssue } from './issues.ts';
import { readSecretFile, type Environment } from './references.ts';
import { Secret } from './secret.ts';

const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no'], 'expected true or false')
  .transform((text) => ['true', '1', 'yes'].includes(text));

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `expected a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `expected a whole number from ${least} to ${most}`)
    .meta({ minimum: least, maximum: most });

/** Both libraries have to know it: one rings, the other computes what is due. */
function isCronExpression(text: string): boolean {
  try {
    const { fields } = cronParser.parseExpression(text, { utc: true });
    // Its extras, such as L for the last day, are its own.
    const plain = Object.values(fields).every((values) => values.every((value) => typeof value === 'number'));
    return plain && cron.validate(text);
  } catch {
    return false;
  }
}

const secret = z.string().transform((text) => new Secret(text));

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;
}

const hourOrCron = z
  .string()
  .transform((text) => (/^\d{1,2}$/.test(text) ? `0 ${Number(text)} * * *` : text))
  .refine(isCronExpression, 'expected an hour (0 to 23) or a cron expression ("30 */6 * * *")');

/** The settings that come from the environment: name, what is accepted, default. The same table makes the documentation. */
export const environmentSettings = {
  TIDEMARK_HOST: z.string().min(1).default('127.0.0.1').describe('Address that the exporter listens on.'),
  TIDEMARK_PORT: wholeNumber(0, 65_535)
    .default(9786)
    .describe('Port that the exporter listens on; 0 takes a free one.'),
  TIDEMARK_CONFIG: z.string().min(1).optional().describe('The configuration file; tidemark.yaml when it exists.'),
  TIDEMARK_DATA_DIR: z.string().min(1).optional().describe('Where the embedded repository lives; ./data.'),
  TIDEMARK_TIMEZONE: z
    .string()
    .refine((zone) => IANAZone.isValidZone(zone), 'expected an IANA time zone such as Europe/Berlin')
    .default('UTC')
    .describe('The zone in which days begin, periods are cut and schedules run.'),
  TIDEMARK_CONCURRENCY: wholeNumber(1, 1000).default(16).describe('Instances measured at the same time.'),
  TIDEMARK_HOST_CONNECTIONS: wholeNumber(1, 1000)
    .default(4)
    .describe('Instances measured at the same time on one host, by all exporters together.'),
  TIDEMARK_LOAD_PERCENT: wholeNumber(1, 100)
    .default(5)
    .describe(
      'Most of its time that scheduled measuring may take of an instance; one that takes long is left alone longer.',
    ),
  TIDEMARK_RETRIES: wholeNumber(0, 10)
    .default(2)
    .describe(
      'How often a scheduled run tries an instance again after a passing fault (refused, lost, too many connections).',
    ),
  TIDEMARK_LEASE_SECONDS: wholeNumber(1, 600)
    .default(defaultDeadlines.lease / 1000)
    .describe('How long the work of an exporter that gives no sign of life stays its own.'),
  TIDEMARK_ROLE: z
    .enum(['all', 'scheduler', 'worker', 'api'], 'expected all, scheduler, worker or api')
    .default('all')
    .describe(
      'What this exporter does: scheduled jobs, measuring, the API, or all. Health and /metrics are always there.',
    ),
  TIDEMARK_METRICS_MAX_SERIES: wholeNumber(1000, 10_000_000)
    .default(250_000)
    .describe('Most series of the fleet in /metrics; beyond it the smallest databases are left out.'),
  TIDEMARK_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'expected trace, debug, info, warn, error or silent')
    .default('info')
    .describe('Least severe log line that is written.'),
  TIDEMARK_CONNECT_TIMEOUT_SECONDS: wholeNumber(1, 600)
    .default(defaultDeadlines.connect / 1000)
    .describe('Deadline for reaching and logging in to an instance.'),
  TIDEMARK_QUERY_TIMEOUT_SECONDS: wholeNumber(1, 86_400)
    .default(defaultDeadlines.query / 1000)
    .describe('Deadline for one statement on an instance.'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected postgresql://user:password@host:port/database')
    .transform((url) => new Secret(url))
    .optional()
    .describe('An own PostgreSQL 14+ as the repository; without it the embedded one is used.'),
  TIDEMARK_ENCRYPTION_KEY: z
    .string()
    .transform((text) => new Secret(text))
    .optional()
    .describe('Keys for stored passwords, 32 bytes in base64: the first encrypts, further ones only decrypt.'),
  TIDEMARK_ENCRYPTION_KEY_FILE: z.string().optional().describe('The same from a file, which is read at each use.'),
  TIDEMARK_ORACLE_CLIENT_DIR: z
    .string()
    .optional()
    .describe(
      'Folder of the Oracle Client libraries, for servers before 12.1 (thick mode); none are needed otherwise.',
    ),
  TIDEMARK_ALLOW_LOCAL_TARGETS: flag
    .default(false)
    .describe('Whether connection tests may reach this machine, link-local and metadata addresses.'),
  TIDEMARK_TLS_CERT_FILE: z
    .string()
    .optional()
    .describe(
      'Certificate (chain) in PEM: the API, /metrics and all else are served over TLS. Read again when it changes.',
    ),
  TIDEMARK_TLS_KEY_FILE: z.string().optional().describe('The private key of the certificate, in PEM.'),
  TIDEMARK_CORS_ORIGINS: z
    .string()
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .refine(
      (origins) => origins.every(isOrigin),
      'expected origins such as https://portal.example.net, separated by commas',
    )
    .default([])
    .describe('Web pages of which origins may call the API from a browser; none when left out.'),
  TIDEMARK_RATE_LIMIT: wholeNumber(0, 1_000_000)
    .default(6000)
    .describe('Requests to the API that a token may send in a minute, over all exporters; 0: as many as it likes.'),
  TIDEMARK_EXPORTS: wholeNumber(1, 100).default(4).describe('CSV exports at the same time.'),
  TIDEMARK_METRICS_TOKEN: secret.optional().describe('A bearer token that /metrics asks for; open when left out.'),
  TIDEMARK_METRICS_USERNAME: z.string().min(1).optional().describe('User name that /metrics asks for (basic auth).'),
  TIDEMARK_METRICS_PASSWORD: secret.optional().describe('The password that goes with it.'),
  TIDEMARK_ADMIN_TOKEN: z
    .string()
    .regex(
      /^[\x21-\x7e]{16,512}$/,
      'expected at least 16 characters without spaces, such as "openssl rand -hex 32" makes',
    )
    .transform((token) => new Secret(token))
    .optional()
    .describe('A token that may do everything in the API; without it one is made at the first start and shown once.'),
  COLLECT_DB_SIZE_ENABLED: flag.default(true).describe('Whether the collection runs on its schedule.'),
  COLLECT_DB_SIZE_HOUR: hourOrCron.default('0 3 * * *').describe('When to collect: an hour (3) or a cron expression.'),
  CREATE_PARTITION_HOUR: hourOrCron
    .default('0 2 * * *')
    .describe('When to make the partitions of the coming months: an hour or a cron expression.'),
  CLEANUP_PARTITION_HOUR: hourOrCron
    .default('0 4 * * *')
    .describe('When to drop the partitions that are past the retention: an hour or a cron expression.'),
  AGGREGATION_HOUR: hourOrCron
    .default('0 5 * * *')
    .describe('When to compute the statistics of weeks, months and quarters: an hour or a cron expression.'),
  AGGREGATION_ENABLED: flag.default(true).describe('Whether the statistics are computed on their schedule.'),
  // A week is the least: the statistics of a week need its days.
  DATABASE_SIZE_RETENTION_DAYS: wholeNumber(7, 36_500)
    .default(365)
    .describe('Days of daily rows that are kept. A month is dropped when this and the months say that it is past.'),
  DATABASE_SIZE_RETENTION_MONTHS: wholeNumber(0, 1200)
    .default(12)
    .describe('Calendar months of daily rows that are kept beside the current one. Statistics are kept for good.'),
} as const;

/** Settings that may also be given as NAME_FILE, the path of a file that holds the value. */
const secretSettings = new Set<string>([
  'DATABASE_URL',
  'TIDEMARK_ADMIN_TOKEN',
  'TIDEMARK_METRICS_TOKEN',
  'TIDEMARK_METRICS_PASSWORD',
]);

const environmentSchema = z.object(environmentSettings);

export type EnvironmentValues = z.output<typeof environmentSchema>;

/** Reads all settings of the environment; an empty variable counts as not set. Unknown TIDEMARK_ names are reported. */
export function readEnvironment(environment: Environment): {
  values: EnvironmentValues | null;
  /** What is right of it, so that a mistake elsewhere hides none of what is looked at next. */
  usable: Partial<EnvironmentValues>;
  issues: ConfigurationIssue[];
} {
  const issues: ConfigurationIssue[] = [];
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || value === '') continue;
    const setting = name.replace(/_FILE$/, '');
    if (name in environmentSettings) given[name] = value;
    else if (name.endsWith('_FILE') && secretSettings.has(setting)) {
      if (environment[setting]) {
        issues.push({ key: name, problem: `${setting} is set too: expected one of the two` });
        continue;
      }
      try {
        given[setting] = readSecretFile(value).reveal();
      } catch (error) {
        issues.push({ key: name, problem: messageOf(error) });
      }
    } else if (name.startsWith('TIDEMARK_')) {
      issues.push({ key: name, problem: `there is no such setting; expected one of ${settingNames('TIDEMARK_')}` });
    }
  }
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) issues.push(...issuesOf(parsed.error));
  return { values: parsed.data ?? null, usable: parsed.data ?? eachForItself(given), issues };
}

function eachForItself(given: Readonly<Record<string, string>>): Partial<EnvironmentValues> {
  const values = Object.entries(environmentSettings).map(([name, schema]): [string, unknown] => [
    name,
    schema.safeParse(given[name]).data,
  ]);
  return Object.fromEntries(values);
}

function settingNames(prefix: string): string {
  return Object.keys(environmentSettings)
    .filter((name) => name.startsWith(prefix))
    .join(', ');
}

export function deadlinesOf(values: EnvironmentValues): Deadlines {
  return Object.freeze({
    ...defaultDeadlines,
    connect: values.TIDEMARK_CONNECT_TIMEOUT_SECONDS * 1000,
    query: values.TIDEMARK_QUERY_TIMEOUT_SECONDS * 1000,
    lease: values.TIDEMARK_LEASE_SECONDS * 1000,
  });
}
