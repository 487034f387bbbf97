import type { z } from 'zod';
import { TidemarkError } from '../errors.ts';

/** One thing that is wrong with the configuration: where, what, and what was expected. */
export interface ConfigurationIssue {
  readonly key: string;
  readonly problem: string;
}

/** All that is wrong, at once. The message has one line an issue and never holds a value that could be a secret. */
export class ConfigurationError extends TidemarkError {
  readonly issues: readonly ConfigurationIssue[];

  constructor(issues: readonly ConfigurationIssue[]) {
    const lines = issues.map((issue) => `  ${issue.key}: ${issue.problem}`);
    super('configuration_invalid', `the configuration cannot be used:\n${lines.join('\n')}`, { details: issues });
    this.name = 'ConfigurationError';
    this.issues = issues;
  }
}

/** `['instances', 0, 'tls', 'mode']` as a user writes it: `instances[0].tls.mode`. */
function keyOf(path: readonly PropertyKey[], prefix: string): string {
  return path.reduce<string>((key, part) => {
    if (typeof part === 'number') return `${key}[${part}]`;
    return key === '' ? String(part) : `${key}.${String(part)}`;
  }, prefix);
}

/** In our words also where a schema has none of its own: "Invalid input: expected object, received string". */
export function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return `a key is wrong: ${issue.issues.map(problemOf).join('; ')}`;
  return issue.message.replace(/^Invalid input: (expected \w+).*$/, '$1');
}

/** What zod found, in our words. */
export function issuesOf(error: z.ZodError, prefix = ''): ConfigurationIssue[] {
  return error.issues.map((issue) => ({ key: keyOf(issue.path, prefix), problem: problemOf(issue) }));
}
