import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the tests read of a file of a dashboard. */
export interface StoredDashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly links: readonly { readonly type: string; readonly tags?: readonly string[]; readonly url?: string }[];
  readonly panels: readonly StoredPanel[];
  readonly templating: { readonly list: readonly StoredVariable[] };
  readonly annotations: { readonly list: readonly StoredAnnotation[] };
}

export interface StoredPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly (Readonly<Record<string, unknown>> & {
    readonly refId: string;
    readonly expr?: string;
  })[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
}

export interface StoredVariable {
  readonly name: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly query: Readonly<Record<string, unknown>> & { readonly query?: string };
  readonly allValue?: string;
  readonly includeAll?: boolean;
}

export interface StoredAnnotation {
  readonly name: string;
  readonly expr?: string;
  readonly target?: Readonly<Record<string, unknown>>;
}

export const dashboardsFolder = fileURLToPath(new URL('../../../dashboards', import.meta.url));

/** The files of one set, or of all, by path. */
export function readDashboards(set: '' | 'tidemark' | 'prometheus' = ''): Map<string, StoredDashboard> {
  const folder = join(dashboardsFolder, 'json');
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json') && path.startsWith(set))
    .sort();
  return new Map(paths.map((path) => [path, JSON.parse(readFileSync(join(folder, path), 'utf8')) as StoredDashboard]));
}
