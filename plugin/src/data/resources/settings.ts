import type { TidemarkClient } from '../client';
import type { Moment } from '../common';

export type SettingName =
  | 'collect_schedule'
  | 'collect_enabled'
  | 'cleanup_schedule'
  | 'create_partitions_schedule'
  | 'aggregation_schedule'
  | 'aggregation_enabled'
  | 'retention_days'
  | 'retention_months'
  | 'concurrency';

export type SettingValue = string | number | boolean;

/** A setting of the exporter. One that the environment or the file fixes is not `editable` here. */
export interface Setting {
  readonly name: SettingName;
  readonly value: SettingValue;
  readonly default: SettingValue;
  readonly source: 'default' | 'environment' | 'file' | 'repository';
  readonly editable: boolean;
  readonly description: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly unit?: string;
  readonly changed_by: string | null;
  readonly changed_at: Moment | null;
}

export const listSettings = (client: TidemarkClient, signal?: AbortSignal) =>
  client.get<readonly Setting[]>('/settings', undefined, signal);

/** For admins. @throws ApiError `setting_fixed` where the environment or the file decides. */
export const changeSettings = (client: TidemarkClient, changes: Readonly<Partial<Record<SettingName, SettingValue>>>) =>
  client.patch<readonly Setting[]>('/settings', changes);
