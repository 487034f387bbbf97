import { environmentSettings } from '../config/environment.ts';
import { describeEngines } from '../engines/describe.ts';
import { errorCatalogue } from '../errors.ts';
import { describeMetrics } from '../metrics/describe.ts';

/** The sections of the documentation that are made from the code, by the name of their markers in a README. */
export function documentationSections(): Readonly<Record<string, string>> {
  return {
    engines: describeEngines(),
    settings: describeSettings(),
    errors: describeErrors(),
    metrics: describeMetrics(),
  };
}

/**
 * A document with each part between `<!-- made from the code: NAME -->` and `<!-- end -->` made anew.
 * @throws Error for a name that is no section
 */
export function withSections(document: string): string {
  const sections = documentationSections();
  return document.replace(
    /(<!-- made from the code: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_whole, start: string, name: string, end: string) => {
      const section = sections[name];
      if (section === undefined) throw new Error(`there is no section "${name}"`);
      return `${start}\n${section}\n${end}`;
    },
  );
}

function describeSettings(): string {
  const rows = Object.entries(environmentSettings).map(([name, schema]) => {
    const standard = schema.safeParse(undefined);
    const value = standard.success && standard.data !== undefined ? `\`${String(standard.data)}\`` : '';
    return `| \`${name}\` | ${value} | ${schema.description ?? ''} |`;
  });
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

function describeErrors(): string {
  const rows = Object.entries(errorCatalogue).map(
    ([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${meaning} |`,
  );
  return ['| code | HTTP status | meaning |', '| --- | --- | --- |', ...rows, ''].join('\n');
}
