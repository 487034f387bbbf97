import type { Capability, CapabilitySubject } from './engine.ts';
import { engines } from './registry.ts';

/** What there is to know of an engine before anything is connected to. */
export interface EngineDescription {
  readonly engine: string;
  readonly label: string;
  readonly versions: string;
  readonly defaultPort: number;
  readonly defaultDatabase: string;
  readonly capabilities: Readonly<
    Record<
      CapabilitySubject,
      { readonly since: string | null; readonly source: string; readonly privilege: string | null }
    >
  >;
  /** What the login needs, and what for. */
  readonly grants: readonly EngineGrant[];
}

export interface EngineGrant {
  /** What can be measured with it: `size, data`. */
  readonly for: string;
  /** The statements in it, for whoever copies them. */
  readonly statements: readonly string[];
  /** All of it in words: when which statement is enough. */
  readonly privilege: string;
}

/** What every engine can say, as data. */
export function engineDescriptions(): EngineDescription[] {
  return engines.map(({ name, label, supportedVersions, defaultPort, defaultDatabase, capabilities }) => ({
    engine: name,
    label,
    versions: supportedVersions,
    defaultPort,
    defaultDatabase,
    capabilities: Object.fromEntries(
      capabilities.map(({ subject, ...capability }) => [subject, capability]),
    ) as EngineDescription['capabilities'],
    grants: grantsOf(capabilities),
  }));
}

function grantsOf(capabilities: readonly Capability[]): EngineGrant[] {
  const privileges = new Set(capabilities.map(({ privilege }) => privilege));
  return [...privileges].flatMap((privilege) => {
    if (privilege === null) return [];
    const subjects = capabilities.filter((capability) => capability.privilege === privilege);
    const statements = privilege.match(/\b(?:GRANT|ALTER|CREATE)\b[^;]*;/g) ?? [];
    return [{ for: subjects.map(({ subject }) => subject).join(', '), statements, privilege }];
  });
}

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
