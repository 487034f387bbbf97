import { z } from 'zod';
import { recordStatus } from './collections.schemas.ts';
import { finding } from './finding.schemas.ts';
import { bytes, count, growthOver, identifier, megabytes, moment, sparkline } from './schemas.ts';

/** How the connection is protected; the paths are those on the exporter. */
const tls = z
  .object({
    mode: z.enum(['disable', 'prefer', 'require', 'verify-full']),
    ca: z.string().nullable(),
    cert: z.string().nullable(),
    key: z.string().nullable().meta({ description: 'The path of the file; what it holds is never shown.' }),
    server_name: z.string().nullable(),
  })
  .meta({ id: 'Tls' });

const lastCollection = z
  .object({
    session_id: identifier,
    status: recordStatus,
    finished_at: moment.nullable(),
    error_code: z.string().nullable().meta({ example: 'access_denied' }),
    error_message: z.string().nullable(),
  })
  .meta({ id: 'LastCollection' });

/** An instance that is watched. */
export const instance = z
  .object({
    id: identifier,
    name: z.string().meta({ example: 'orders-pg' }),
    engine: z.string().meta({ example: 'postgresql' }),
    host: z.string().meta({ example: 'db1.example.net' }),
    port: z.int().min(1).max(65_535).meta({ example: 5432 }),
    database: z.string().meta({ description: 'What to connect to.', example: 'postgres' }),
    server_version: z.string().nullable().meta({ example: 'PostgreSQL 18.4' }),
    owner: z.string().nullable().meta({ example: 'team-orders' }),
    labels: z.record(z.string(), z.string()).meta({ example: { environment: 'production' } }),
    source: z
      .enum(['file', 'embedded', 'user', 'demonstration'])
      .meta({ description: 'Who says what it is: only those of users can be changed here.' }),
    active: z.boolean().meta({ description: 'Whether it is measured.' }),
    tls,
    username: z.string().nullable().meta({ description: 'Null where the login comes with the configuration file.' }),
    credential_id: identifier.nullable(),
    include: z.array(z.string()).meta({ description: 'Patterns of databases that are measured.', example: ['*'] }),
    exclude: z.array(z.string()).meta({ description: 'Patterns of databases that are not.', example: ['*_tmp'] }),
    quiet_hours: z
      .array(z.string())
      .meta({ description: 'Times of day at which it is left alone.', example: ['08:00-18:00'] }),
    estimate_on_timeout: z.boolean(),
    total_size_bytes: bytes.nullable(),
    total_size_mb: megabytes.nullable(),
    database_count: count,
    measure_seconds: z.number().min(0).nullable().meta({ description: 'What measuring it last took, in seconds.' }),
    growth: growthOver.nullable().meta({ description: 'Null where it is not active, or was never measured.' }),
    sparkline: sparkline.nullable(),
    last_collection: lastCollection.nullable(),
    created_at: moment,
    updated_at: moment,
  })
  .meta({ id: 'Instance' });

/** What a login that stores nothing found out. */
export const connectionTest = z
  .object({
    server_version: z.string().meta({ example: 'PostgreSQL 18.4' }),
    encrypted: z.boolean(),
    databases: count.nullable().meta({
      description: 'How many databases can be measured; null where the deadline passed before that was known.',
    }),
    unmeasured_databases: count,
    findings: z.array(finding),
  })
  .meta({ id: 'ConnectionTest' });
