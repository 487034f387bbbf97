import { z } from 'zod';
import { bytes, count, identifier, megabytes, moment } from './schemas.ts';

/** An instance that is watched. */
export const instance = z
  .object({
    id: identifier,
    name: z.string().meta({ example: 'orders-pg' }),
    engine: z.string().meta({ example: 'postgresql' }),
    host: z.string().meta({ example: 'db1.example.net' }),
    port: z.int().min(1).max(65_535).meta({ example: 5432 }),
    server_version: z.string().nullable().meta({ example: 'PostgreSQL 18.4' }),
    owner: z.string().nullable().meta({ example: 'team-orders' }),
    labels: z.record(z.string(), z.string()).meta({ example: { environment: 'production' } }),
    source: z
      .enum(['file', 'embedded', 'user', 'demonstration'])
      .meta({ description: 'Who says what it is: only those of users can be changed here.' }),
    active: z.boolean().meta({ description: 'Whether it is measured.' }),
    total_size_bytes: bytes.nullable(),
    total_size_mb: megabytes.nullable(),
    database_count: count,
    measure_seconds: z.number().min(0).nullable().meta({ description: 'What measuring it last took, in seconds.' }),
    quiet_hours: z
      .array(z.string())
      .meta({ description: 'Times of day at which it is left alone.', example: ['08:00-18:00'] }),
    last_collection: z
      .object({
        status: z.string().meta({ example: 'succeeded' }),
        finished_at: moment.nullable(),
        error_code: z.string().nullable().meta({ example: 'access_denied' }),
        error_message: z.string().nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'Instance' });

/** Something that was found while measuring. */
export const finding = z
  .object({
    database: z.string().nullable().meta({ description: 'Null: it is about the whole instance.' }),
    code: z.string().meta({ example: 'permission_denied' }),
    message: z.string().meta({ description: 'What is the matter and what helps.' }),
  })
  .meta({ id: 'Finding' });

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
