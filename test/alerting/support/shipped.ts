import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const provisioning = fileURLToPath(new URL('../../../provisioning', import.meta.url));
export const alertmanagerFile = join(provisioning, 'alertmanager/alertmanager.yml');
const rulesFolder = join(provisioning, 'prometheus/rules');

/** A rule that records a series. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export type Rule = RecordingRule | AlertingRule;

export interface RuleGroup {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly Rule[];
}

/** The files that ship, by name. */
export function readRuleFiles(): Map<string, { readonly groups: readonly RuleGroup[] }> {
  const names = readdirSync(rulesFolder).filter((name) => name.endsWith('.yml'));
  return new Map(
    names.map((name) => [
      name,
      parse(readFileSync(join(rulesFolder, name), 'utf8')) as { readonly groups: readonly RuleGroup[] },
    ]),
  );
}

export function readRules(): Rule[] {
  return [...readRuleFiles().values()].flatMap(({ groups }) => groups.flatMap(({ rules }) => rules));
}

export function readAlerts(): AlertingRule[] {
  return readRules().filter((rule): rule is AlertingRule => 'alert' in rule);
}
