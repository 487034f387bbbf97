import { getFieldDisplayValuesProxy, type DataFrame, type ScopedVars, type TypedVariableModel } from '@grafana/data';
import { locationService, type TemplateSrv } from '@grafana/runtime';

const pattern = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.[^:^}]+)?(?::([^}]+))?\}/g;

/** `${__data.fields.NAME}` in the links of a field: what the row has in another column. */
const cell = /\$\{__data\.fields\.([^:}]+)(?::(\w+))?\}/g;

function replaceCells(text: string, scopedVars?: ScopedVars): string {
  const context = scopedVars?.__dataContext?.value as { frame: DataFrame; rowIndex?: number } | undefined;
  if (context?.rowIndex === undefined) return text;
  const values = getFieldDisplayValuesProxy({ frame: context.frame, rowIndex: context.rowIndex });
  return text.replace(cell, (_, name: string, format?: string) => {
    const value = String(values[name]);
    return format === 'percentencode' ? encodeURIComponent(value) : value;
  });
}

/** Variables are those of the URL, `var-owner=shop`, as in a dashboard. */
function variable(name: string, scopedVars?: ScopedVars): string | readonly string[] | undefined {
  const scoped = scopedVars?.[name];
  if (scoped !== undefined) return scoped.value as string;
  const values = locationService.getSearch().getAll(`var-${name}`);
  return values.length > 1 ? values : values[0];
}

function formatted(value: string | readonly string[], format: unknown): string {
  const values = typeof value === 'string' ? [value] : value;
  if (typeof format === 'function') return String(format(value, {}, undefined));
  if (format === 'csv') return values.join(',');
  if (format === 'json') return JSON.stringify(values);
  return values.length === 1 ? (values[0] ?? '') : `{${values.join(',')}}`;
}

export const templateSrv: TemplateSrv = {
  getVariables: () =>
    [...new Set([...locationService.getSearch().keys()])]
      .filter((name) => name.startsWith('var-'))
      .map((name) => ({ name: name.slice(4), type: 'custom' }) as TypedVariableModel),
  replace: (target = '', scopedVars, format) =>
    replaceCells(target, scopedVars).replace(pattern, (match, plain, bracket, bracketFormat, brace, braceFormat) => {
      const value = variable(plain ?? bracket ?? brace, scopedVars);
      return value === undefined ? match : formatted(value, bracketFormat ?? braceFormat ?? format);
    }),
  containsTemplate: (target = '') => target.search(pattern) >= 0,
  updateTimeRange: () => undefined,
};
