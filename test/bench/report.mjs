// Times, ratios and plans of one run, as a table that can be pasted into the README.
import { performance } from 'node:perf_hooks';

/** The median time of some runs in milliseconds. */
export async function median(times, work) {
  const results = [];
  for (let time = 0; time < times; time += 1) results.push(await once(work));
  return middle(results);
}

/** The median of an odd number of results. */
export function middle(results) {
  return [...results].sort((one, other) => one - other)[Math.floor(results.length / 2)];
}

/** The time of one run in milliseconds. */
export async function once(work) {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

export class Report {
  #rows = [];
  #plans = [];

  /** What was measured; `target` is met when the ratio is on the right side of it. */
  add(what, milliseconds, comparison = {}) {
    const { limit, limitName, target, atLeast = false, inverse = false } = comparison;
    const ratio = limit === undefined ? undefined : inverse ? limit / milliseconds : milliseconds / limit;
    const met = target === undefined ? undefined : atLeast ? ratio >= target : ratio <= target;
    this.#rows.push({ what, milliseconds, limitName, limit, ratio, target, atLeast, met });
    console.error(`  ${what}: ${format(milliseconds)} ms${ratio === undefined ? '' : `, ratio ${formatRatio(ratio)}`}`);
  }

  plan(what, lines) {
    this.#plans.push({ what, lines });
  }

  /** @returns whether all targets were met */
  print() {
    console.log('| what | ms | against | its ms | ratio | target | |');
    console.log('| --- | ---: | --- | ---: | ---: | --- | --- |');
    for (const { what, milliseconds, limitName, limit, ratio, target, atLeast, met } of this.#rows) {
      const wanted = target === undefined ? '' : `${atLeast ? '>=' : '<='} ${target}`;
      const verdict = met === undefined ? '' : met ? 'met' : '**missed**';
      console.log(
        `| ${what} | ${format(milliseconds)} | ${limitName ?? ''} | ${limit === undefined ? '' : format(limit)} | ` +
          `${ratio === undefined ? '' : formatRatio(ratio)} | ${wanted} | ${verdict} |`,
      );
    }
    for (const { what, lines } of this.#plans)
      console.log(`\nPlan of ${what}:\n${lines.map((line) => `    ${line}`).join('\n')}`);
    return this.#rows.every((row) => row.met !== false);
  }
}

function format(number) {
  if (number >= 100) return String(Math.round(number));
  return number >= 1 ? number.toFixed(1) : number.toFixed(3);
}

function formatRatio(number) {
  return number >= 10 ? number.toFixed(1) : number.toFixed(2);
}
