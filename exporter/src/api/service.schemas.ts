import { z } from 'zod';
import { count, moment } from './schemas.ts';

/** Who asks, and what answers. */
export const me = z
  .object({
    name: z.string().meta({ description: 'Of the token.', example: 'grafana' }),
    role: z.enum(['admin', 'viewer', 'owner']),
    owner: z.string().nullable().meta({ description: 'Whose instances the token may see; null: all.' }),
    expires_at: moment.nullable(),
    version: z.string().meta({ description: 'Of the exporter.', example: '1.0.0' }),
    timezone: z.string().meta({ description: 'In which days begin.', example: 'Europe/Berlin' }),
    demonstration: z.boolean().meta({ description: 'Whether made-up instances are shown.' }),
  })
  .meta({ id: 'Me' });

const capability = z
  .object({
    since: z.string().nullable().meta({ description: 'From which version on; null: it cannot say.', example: '12' }),
    source: z.string().meta({ description: 'What is asked, or why it cannot say.', example: 'pg_database_size' }),
    privilege: z.string().nullable().meta({ description: 'What the login needs.' }),
  })
  .meta({ id: 'Capability' });

/** A kind of database server. */
export const engine = z
  .object({
    engine: z.string().meta({ example: 'postgresql' }),
    name: z.string().meta({ example: 'PostgreSQL' }),
    default_port: count.meta({ example: 5432 }),
    default_database: z.string().meta({ example: 'postgres' }),
    versions: z.string().meta({ example: 'PostgreSQL 12 and newer' }),
    capabilities: z.record(z.string(), capability).meta({ description: 'What can be measured, by subject.' }),
    grants: z.array(
      z.object({
        for: z.string().meta({ description: 'What can be measured with it.', example: 'instance log, tablespaces' }),
        statements: z.array(z.string()).meta({ example: ['GRANT pg_monitor TO tidemark;'] }),
        privilege: z.string().meta({ description: 'All of it in words.' }),
      }),
    ),
  })
  .meta({ id: 'Engine' });

/** Somebody changed something. */
export const auditEntry = z
  .object({
    id: z.int().min(1),
    at: moment,
    actor: z.string().meta({ description: 'The name of a token, or "command line".', example: 'grafana' }),
    role: z.enum(['admin', 'viewer', 'owner']),
    action: z.string().meta({ example: 'update' }),
    object_type: z.enum(['instance', 'credential', 'setting', 'token']),
    object_id: z.int().nullable(),
    object_name: z.string().meta({ example: 'retention_days' }),
    changes: z
      .record(z.string(), z.tuple([z.unknown(), z.unknown()]))
      .meta({ description: 'Fields with their values before and after. Of secrets only is said that they changed.' }),
  })
  .meta({ id: 'AuditEntry' });
