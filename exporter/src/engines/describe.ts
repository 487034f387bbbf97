import { engines } from './registry.ts';

/** What every engine can say, as Markdown: printed by `tidemark engines`, and a section of the documentation. */
export function describeEngines(): string {
  return engines
    .map(({ label, supportedVersions, name, capabilities }) => {
      const rows = capabilities.map(
        ({ subject, since, source, privilege }) =>
          `| ${subject} | ${since ?? 'no'} | ${source} | ${privilege === null ? '' : `\`${privilege}\``} |`,
      );
      return [
        `### ${label} (\`engine: ${name}\`)`,
        '',
        `${supportedVersions}.`,
        '',
        '| what | since | from | needs |',
        '| --- | --- | --- | --- |',
        ...rows,
        '',
      ].join('\n');
    })
    .join('\n');
}
