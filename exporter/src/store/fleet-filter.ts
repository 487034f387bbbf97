import type { Queryable } from './pool.ts';

/** Which instances something is about. Values of one kind are alternatives; all kinds must be met. */
export interface FleetFilter {
  /** The owner whose instances there are; null: all. Nobody sees beyond it, whatever else the filter says. */
  readonly visibleTo: string | null;
  readonly engines?: readonly string[] | undefined;
  /** Null stands for instances without an owner. */
  readonly owners?: readonly (string | null)[] | undefined;
  /** Of one key they are alternatives, every key must be met. */
  readonly labels?: readonly Label[] | undefined;
  readonly instanceIds?: readonly number[] | undefined;
}

export interface Label {
  readonly key: string;
  readonly value: string;
}

/** The parameters of a statement that is put together: each gets its `$n`. */
export class Parameters {
  readonly values: unknown[];

  /** @param values of `$1`, `$2` and so on, where the statement has some already */
  constructor(values: readonly unknown[] = []) {
    this.values = [...values];
  }

  /** @returns how the statement names it */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** The filter as a condition on `instances AS i`. */
export function fleetCondition(filter: FleetFilter, parameters: Parameters): string {
  const { visibleTo, engines, owners, labels, instanceIds } = filter;
  const conditions = ['true'];
  if (visibleTo !== null) conditions.push(`i.owner = ${parameters.add(visibleTo)}`);
  if (engines !== undefined) conditions.push(`i.engine = ANY (${parameters.add(engines)}::text[])`);
  if (instanceIds !== undefined) conditions.push(`i.id = ANY (${parameters.add(instanceIds)}::int[])`);
  if (owners !== undefined) {
    const named = `i.owner = ANY (${parameters.add(owners.filter((owner) => owner !== null))}::text[])`;
    conditions.push(owners.includes(null) ? `(i.owner IS NULL OR ${named})` : named);
  }
  for (const [key, values] of valuesByKey(labels ?? [])) {
    conditions.push(`i.labels ->> ${parameters.add(key)}::text = ANY (${parameters.add(values)}::text[])`);
  }
  return conditions.join(' AND ');
}

function valuesByKey(labels: readonly Label[]): Map<string, string[]> {
  const byKey = new Map<string, string[]>();
  for (const { key, value } of labels) byKey.set(key, [...(byKey.get(key) ?? []), value]);
  return byKey;
}

/** The text `search` anywhere in an expression, in upper or lower case. */
export function searchCondition(expression: string, search: string | undefined, parameters: Parameters): string {
  if (search === undefined) return 'true';
  return `strpos(lower(${expression}), lower(${parameters.add(search)})) > 0`;
}

/**
 * The ids of the instances that a filter leaves; null where it leaves all, so that statements need not name them.
 * For statements over large tables: with the ids at hand the planner knows how little there is to read.
 */
export async function selectInstances(client: Queryable, filter: FleetFilter): Promise<number[] | null> {
  const parameters = new Parameters();
  const condition = fleetCondition(filter, parameters);
  if (condition === 'true') return null;
  const { rows } = await client.query<{ id: number }>(
    `SELECT i.id FROM instances AS i WHERE ${condition} ORDER BY i.id`,
    parameters.values,
  );
  return rows.map((row) => row.id);
}
