import { z } from 'zod';
import { settingNames } from '../config/settings.ts';
import { moment } from './schemas.ts';

const settingValue = z.union([z.string(), z.number(), z.boolean()]);

/** A setting that can be changed while the exporter runs. */
export const setting = z
  .object({
    name: z.enum(settingNames).meta({ example: 'retention_days' }),
    value: settingValue.meta({ description: 'What is in effect.', example: 400 }),
    default: settingValue.meta({ description: 'What it is where nobody says anything.', example: 365 }),
    source: z
      .enum(['default', 'environment', 'file', 'repository'])
      .meta({ description: 'Where the value comes from; repository: it was changed here.', example: 'repository' }),
    editable: z.boolean().meta({ description: 'False where the environment of the exporter fixes it.' }),
    description: z.string(),
    variable: z.string().meta({ description: 'The variable that fixes it.', example: 'DATABASE_SIZE_RETENTION_DAYS' }),
    minimum: z.number().optional().meta({ example: 7 }),
    maximum: z.number().optional().meta({ example: 36_500 }),
    unit: z.string().optional().meta({ example: 'days' }),
    changed_by: z.string().nullable().meta({ description: 'The name of a token.', example: 'grafana' }),
    changed_at: moment.nullable(),
  })
  .meta({ id: 'Setting' });

/** Something that runs on a schedule. */
export const job = z
  .object({
    job: z.enum(['collect', 'aggregate', 'partitions', 'cleanup']),
    enabled: z.boolean(),
    schedule: z.string().meta({ description: 'A cron expression in the configured time zone.', example: '0 3 * * *' }),
    next_due_at: moment.nullable(),
    last_run: z
      .object({
        due_at: moment,
        started_at: moment.nullable(),
        finished_at: moment.nullable(),
        succeeded: z.boolean().nullable().meta({ description: 'Null while it is under way.' }),
        message: z.string().nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'Job' });
