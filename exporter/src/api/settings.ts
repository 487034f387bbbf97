import { z } from 'zod';
import {
  describeSetting,
  parseSetting,
  isFixed,
  readSetting,
  settingNames,
  type SettingName,
} from '../config/settings.ts';
import { DueTimes } from '../jobs/slots.ts';
import { readLastRuns, type JobRun } from '../store/job-runs.ts';
import type { Settings } from './context.ts';
import { defineRoute, type Route } from './route.ts';
import { table, type AnswerOf } from './routing/response.ts';
import { job, setting } from './settings.schemas.ts';

/** A schema a setting, made from what its variable accepts. */
function schemaOf(name: SettingName): z.ZodType {
  const { default: standard, description, minimum, maximum } = describeSetting(name);
  const meta = { description: `${description} null: back to the standard.`, example: standard };
  if (typeof standard === 'boolean') return z.boolean('expected true or false').nullable().optional().meta(meta);
  if (typeof standard === 'number') {
    const expected = `expected a whole number from ${minimum ?? 0} to ${maximum ?? ''}`;
    const number = z
      .int(expected)
      .min(minimum ?? 0, expected)
      .max(maximum ?? Infinity, expected);
    return number.nullable().optional().meta(meta);
  }
  return z
    .string('expected an hour or a cron expression, as text')
    .max(200)
    .superRefine((value, context) => {
      const parsed = parseSetting(name, value);
      if ('problem' in parsed) context.addIssue(parsed.problem);
    })
    .nullable()
    .optional()
    .meta(meta);
}

const settingsBody = z
  .strictObject(
    Object.fromEntries(settingNames.map((name) => [name, schemaOf(name)])) as Record<SettingName, z.ZodType>,
  )
  .refine((body) => Object.keys(body).length > 0, 'expected at least one setting');

/** What runs when, and for how long things are kept: `/settings`, `/jobs` */
export const settingsRoutes: readonly Route[] = [
  defineRoute('GET /settings', {
    tag: 'Service',
    summary: 'Settings that can be changed while the exporter runs, and where their values come from',
    response: table(setting),
    example: {},
    handler: async ({ context: { settings } }) => {
      await settings.refresh();
      return describeSettings(settings);
    },
  }),

  defineRoute('PATCH /settings', {
    tag: 'Service',
    summary: 'Change settings',
    description:
      'Takes effect at once on this exporter and within seconds on all others, without a restart. All of them are changed or none. A setting that the environment of the exporter fixes cannot be changed here. A job that gets another time is due from then on; a time of the same day that is past already is not made up.',
    body: settingsBody,
    response: table(setting),
    errors: ['setting_fixed'],
    example: { body: { retention_days: 400, collect_schedule: '30 2 * * *' } },
    handler: async ({ body, actor, context: { settings } }) => {
      await settings.change(actor, body as Parameters<Settings['change']>[1]);
      return describeSettings(settings);
    },
  }),

  defineRoute('GET /jobs', {
    tag: 'Service',
    summary: 'What runs on a schedule, when it is due next, and how it went last',
    response: table(job),
    example: {},
    handler: async ({ context: { pool, settings, timezone } }) => {
      await settings.refresh();
      const lastRuns = await readLastRuns(pool);
      const { collect, partitions, aggregation } = settings.config;
      const jobs = [
        { name: 'collect', ...collect },
        { name: 'aggregate', ...aggregation },
        { name: 'partitions', enabled: true, schedule: partitions.createSchedule },
        { name: 'cleanup', enabled: true, schedule: partitions.cleanupSchedule },
      ] as const;
      return jobs.map(({ name, enabled, schedule }) => ({
        job: name,
        enabled,
        schedule,
        next_due_at: enabled ? new DueTimes(schedule, timezone).next(new Date()) : null,
        last_run: describeRun(lastRuns.find((run) => run.job === name)),
      }));
    },
  }),
];

function describeSettings({ config, stored }: Settings): AnswerOf<typeof setting>[] {
  return settingNames.map((name) => {
    const { default: standard, description, variable, minimum, maximum, unit } = describeSetting(name);
    const fixed = isFixed(config, name);
    const own = fixed ? undefined : stored.find((candidate) => candidate.name === name);
    return {
      name,
      value: readSetting(config, name),
      default: standard,
      source: fixed ? 'environment' : own === undefined || own.value === null ? 'default' : 'repository',
      editable: !fixed,
      description,
      variable,
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
      ...(unit === undefined ? {} : { unit }),
      changed_by: own?.changedBy ?? null,
      changed_at: own?.changedAt ?? null,
    };
  });
}

function describeRun(run: JobRun | undefined): AnswerOf<typeof job>['last_run'] {
  if (run === undefined) return null;
  return {
    due_at: run.dueAt,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    succeeded: run.succeeded,
    message: run.message,
  };
}
