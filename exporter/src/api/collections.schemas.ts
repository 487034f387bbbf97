import { z } from 'zod';
import { finding } from './instances.schemas.ts';
import { count, identifier, moment } from './schemas.ts';

export const recordStatus = z.enum(
  ['queued', 'running', 'succeeded', 'partial', 'failed', 'skipped', 'interrupted', 'cancelled'],
  'expected queued, running, succeeded, partial, failed, skipped, interrupted or cancelled',
);

export const sessionStatus = z.enum(
  ['running', 'succeeded', 'partial', 'failed', 'interrupted', 'cancelled'],
  'expected running, succeeded, partial, failed, interrupted or cancelled',
);

export const trigger = z.enum(['schedule', 'startup', 'command', 'api'], 'expected schedule, startup, command or api');

const seconds = z.number().min(0).meta({ description: 'seconds', example: 12.4 });

/** One run over the fleet. */
export const session = z
  .object({
    id: identifier,
    trigger,
    scope: z
      .object({ instance: z.string().optional(), label: z.string().optional(), owner: z.string().optional() })
      .meta({ description: 'What it is about: {} is the whole fleet, otherwise one of these names it.' }),
    requested_by: z.string().nullable(),
    due_at: moment.nullable(),
    status: sessionStatus,
    started_at: moment,
    finished_at: moment.nullable(),
    duration_seconds: seconds.nullable(),
    cancel_requested_at: moment.nullable(),
    instances: z
      .object({
        total: count,
        queued: count,
        running: count,
        succeeded: count,
        partial: count,
        failed: count,
        skipped: count,
        interrupted: count,
        cancelled: count,
      })
      .meta({ description: 'How many instances are in which state; for an owner, of its own.' }),
    databases_measured: count,
    databases_failed: count,
  })
  .meta({ id: 'Session' });

/** A run that was asked for. */
export const startedSession = session
  .extend({ joined: z.boolean().meta({ description: 'Whether it was in progress already.' }) })
  .meta({ id: 'StartedSession' });

/** What became of one instance in a run. */
export const record = z
  .object({
    session_id: identifier,
    instance_id: identifier,
    instance: z.string().meta({ example: 'orders-pg' }),
    engine: z.string().meta({ example: 'postgresql' }),
    owner: z.string().nullable(),
    status: recordStatus,
    attempt: count,
    exporter: z.string().nullable().meta({ description: 'Which exporter measured it.' }),
    started_at: moment.nullable(),
    finished_at: moment.nullable(),
    duration_seconds: seconds.nullable(),
    measure_seconds: seconds.nullable().meta({ description: 'What the measuring cost the server, in seconds.' }),
    databases_measured: count.nullable(),
    databases_failed: count.nullable(),
    error_code: z.string().nullable().meta({ example: 'access_denied' }),
    error_message: z.string().nullable(),
    failures: z.array(finding),
    warnings: z.array(finding),
  })
  .meta({ id: 'Record' });
