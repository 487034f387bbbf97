/** One line of what Prometheus scrapes. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  readonly samples: readonly Sample[];
  /** By name of the metric. */
  readonly types: ReadonlyMap<string, string>;
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelPattern = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/;

/**
 * Reads the text format, https://prometheus.io/docs/instrumenting/exposition_formats/, and nothing else.
 * @throws where a line breaks its rules, or a metric comes twice
 */
export function parseExposition(text: string): Exposition {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  const seen = new Set<string>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    if (line.startsWith('#')) {
      const comment = /^# (HELP|TYPE) (\S+) (.+)$/s.exec(line);
      if (comment === null) throw new Error(`neither HELP nor TYPE: ${line}`);
      const [, kind, name = '', rest = ''] = comment;
      if (kind === 'HELP') continue;
      if (types.has(name)) throw new Error(`two TYPE lines: ${line}`);
      types.set(name, rest);
      continue;
    }
    const sample = parseSample(line);
    const series = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
    if (seen.has(series)) throw new Error(`twice: ${line}`);
    seen.add(series);
    samples.push(sample);
  }
  return { samples, types };
}

function parseSample(line: string): Sample {
  const [, name = '', , labels = '', value = ''] = /^([^\s{]+)(\{(.*)\})? (\S+)$/s.exec(line) ?? [];
  if (!namePattern.test(name)) throw new Error(`not a sample: ${line}`);
  const number = { '+Inf': Infinity, '-Inf': -Infinity }[value] ?? Number(value);
  if (Number.isNaN(number) && value.toLowerCase() !== 'nan') throw new Error(`not a number: ${line}`);
  return { name, labels: parseLabels(labels, line), value: number };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: [string, string][] = [];
  let rest = text;
  while (rest !== '') {
    const label = labelPattern.exec(rest);
    if (label === null) throw new Error(`not a label at ${rest}: ${line}`);
    const [all, name = '', value = ''] = label;
    labels.push([
      name,
      value.replace(/\\(.)/gs, (_escaped, character: string) => (character === 'n' ? '\n' : character)),
    ]);
    rest = rest.slice(all.length);
  }
  return Object.fromEntries(labels);
}
