import type { Metric } from 'prom-client';
import { createRegistry } from './own.ts';

/** What a metric of prom-client knows of itself beside its values. */
interface Described {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** The reference of all metrics, as Markdown: those of Tidemark first. */
export function describeMetrics(): string {
  const metrics = createRegistry().registry.getMetricsAsArray() as unknown as readonly (Described & Metric)[];
  const ours = metrics.filter(({ name }) => name.startsWith('tidemark_'));
  const others = metrics.filter(({ name }) => !name.startsWith('tidemark_'));
  const rows = [...ours.sort(byName), ...others.sort(byName)].map(
    (metric) =>
      `| \`${metric.name}\` | ${metric.constructor.name.toLowerCase()} | ${metric.labelNames.join(', ')} | ${metric.help} |`,
  );
  return ['| metric | type | labels | meaning |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}

function byName(one: Described, other: Described): number {
  return one.name < other.name ? -1 : 1;
}
