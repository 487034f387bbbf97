import type { ScopedVars, TimeRange } from '@grafana/data';
import { dateTime } from '@grafana/data';
import { setTemplateSrv, type TemplateSrv } from '@grafana/runtime';

/** Variables of a dashboard, by name; one with several values is a list. */
export function setVariables(variables: Readonly<Record<string, string | readonly string[]>>): void {
  setTemplateSrv({
    getVariables: () => [],
    containsTemplate: (text = '') => text.includes('$'),
    updateTimeRange: () => undefined,
    replace: (text = '', _scoped?: ScopedVars, format?: unknown) =>
      text.replace(/\$\{?(\w+)\}?/g, (match, name: string) => {
        const value = variables[name];
        if (value === undefined) return match;
        return typeof format === 'function' ? String(format(value)) : [value].flat().join(',');
      }),
  } as TemplateSrv);
}

export function rangeOf(from: string, to: string): TimeRange {
  const range = { from: dateTime(from), to: dateTime(to) };
  return { ...range, raw: range };
}
