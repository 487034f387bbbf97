import type { z } from 'zod';
import type { Config } from './config.ts';
import { environmentSettings } from './environment.ts';

type Value = string | number | boolean;

/** A setting that can be changed while exporters run. */
interface RuntimeSetting {
  /** The variable that fixes it; its schema says what is accepted, what is standard, and what it is for. */
  readonly variable: keyof typeof environmentSettings;
  readonly unit?: string;
  read(config: Config): Value;
  write(config: Config, value: never): Config;
}

export const settingNames = [
  'collect_enabled',
  'collect_schedule',
  'create_partitions_schedule',
  'cleanup_schedule',
  'aggregation_enabled',
  'aggregation_schedule',
  'retention_days',
  'retention_months',
  'concurrency',
] as const;

export type SettingName = (typeof settingNames)[number];

/** Whoever adds one: it takes effect where `LiveSettings` is listened to. */
const runtimeSettings: Readonly<Record<SettingName, RuntimeSetting>> = {
  collect_enabled: {
    variable: 'COLLECT_DB_SIZE_ENABLED',
    read: ({ collect }) => collect.enabled,
    write: (config, enabled: boolean) => ({ ...config, collect: { ...config.collect, enabled } }),
  },
  collect_schedule: {
    variable: 'COLLECT_DB_SIZE_HOUR',
    read: ({ collect }) => collect.schedule,
    write: (config, schedule: string) => ({ ...config, collect: { ...config.collect, schedule } }),
  },
  create_partitions_schedule: {
    variable: 'CREATE_PARTITION_HOUR',
    read: ({ partitions }) => partitions.createSchedule,
    write: (config, createSchedule: string) => ({ ...config, partitions: { ...config.partitions, createSchedule } }),
  },
  cleanup_schedule: {
    variable: 'CLEANUP_PARTITION_HOUR',
    read: ({ partitions }) => partitions.cleanupSchedule,
    write: (config, cleanupSchedule: string) => ({ ...config, partitions: { ...config.partitions, cleanupSchedule } }),
  },
  aggregation_enabled: {
    variable: 'AGGREGATION_ENABLED',
    read: ({ aggregation }) => aggregation.enabled,
    write: (config, enabled: boolean) => ({ ...config, aggregation: { ...config.aggregation, enabled } }),
  },
  aggregation_schedule: {
    variable: 'AGGREGATION_HOUR',
    read: ({ aggregation }) => aggregation.schedule,
    write: (config, schedule: string) => ({ ...config, aggregation: { ...config.aggregation, schedule } }),
  },
  retention_days: {
    variable: 'DATABASE_SIZE_RETENTION_DAYS',
    unit: 'days',
    read: ({ retention }) => retention.days,
    write: (config, days: number) => ({ ...config, retention: { ...config.retention, days } }),
  },
  retention_months: {
    variable: 'DATABASE_SIZE_RETENTION_MONTHS',
    unit: 'months',
    read: ({ retention }) => retention.months,
    write: (config, months: number) => ({ ...config, retention: { ...config.retention, months } }),
  },
  concurrency: {
    variable: 'TIDEMARK_CONCURRENCY',
    unit: 'instances',
    read: (config) => config.concurrency,
    write: (config, concurrency: number) => ({ ...config, concurrency }),
  },
};

export type SettingValue = Value;

/** Whether the environment of the exporter says what it is. */
export function isFixed(config: Config, name: SettingName): boolean {
  return config.variables.includes(runtimeSettings[name].variable);
}

/** What is known of a setting before anybody sets it. */
export interface SettingDescription {
  readonly variable: string;
  readonly default: Value;
  readonly description: string;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly unit: string | undefined;
}

export function describeSetting(name: SettingName): SettingDescription {
  const setting: RuntimeSetting = runtimeSettings[name];
  const schema: z.ZodType = environmentSettings[setting.variable];
  const bounds = boundsOf(schema);
  return {
    variable: setting.variable,
    default: schema.parse(undefined) as Value,
    description: schema.description ?? '',
    ...{ minimum: bounds.minimum, maximum: bounds.maximum, unit: setting.unit },
  };
}

/** The bounds of a number stand at the schema within that of its standard value. */
function boundsOf(schema: z.ZodType): { minimum?: number; maximum?: number } {
  const bounds = schema.meta() as { minimum?: number; maximum?: number } | undefined;
  const { innerType } = schema.def as { innerType?: z.ZodType };
  return bounds?.maximum === undefined && innerType !== undefined ? boundsOf(innerType) : (bounds ?? {});
}

/** A value as the variable of the setting would give it. @returns the problem, where there is one */
export function parseSetting(name: SettingName, value: unknown): { value: Value } | { problem: string } {
  const setting: RuntimeSetting = runtimeSettings[name];
  const schema: z.ZodType = environmentSettings[setting.variable];
  const kind = typeof schema.parse(undefined);
  if (typeof value !== kind) return { problem: `expected a ${kind === 'string' ? 'text' : kind}` };
  const parsed = schema.safeParse(String(value));
  if (parsed.success) return { value: parsed.data as Value };
  return { problem: parsed.error.issues[0]?.message ?? 'cannot be used' };
}

/** The value that is in effect. */
export function readSetting(config: Config, name: SettingName): Value {
  return runtimeSettings[name].read(config);
}

/** The configuration with another value. */
export function withSetting(config: Config, name: SettingName, value: Value): Config {
  return runtimeSettings[name].write(config, value as never);
}
