import type { Line } from './lines.ts';
import type { Queryable } from './pool.ts';
import type { Measure, Series, SumGroup } from './series-query.ts';

/** For how many days a size stands for those after it that were not measured. */
export const patience = 6;

const keys: Readonly<Record<SumGroup, string>> = {
  fleet: 'NULL::text',
  engine: 'i.engine',
  owner: 'i.owner',
  label: 'i.labels ->> $2::text',
  instance: 'i.name',
};

const totalColumns: Readonly<Record<Measure, string>> = {
  size: 'size_bytes',
  data: 'data_bytes',
  log: 'log_bytes',
  database_count: 'database_count',
};

/** The value of a row `t` of the stored totals. */
export function totalValue(measure: Measure): string {
  return `t.${totalColumns[measure]}`;
}

/** The value of a row `h` of the history: each is one database. */
export function historyValue(measure: Measure): string {
  return measure === 'database_count' ? '1' : `h.${totalColumns[measure]}`;
}

/** The groups that instances are in, by the id of the instance. Each group is one object. */
export async function readGroups(
  client: Queryable,
  groupBy: SumGroup,
  labelKey: string | null,
  instanceIds: readonly number[] | null,
): Promise<ReadonlyMap<number, Group>> {
  const { rows } = await client.query<{ id: number; key: string | null }>(
    `SELECT i.id, ${keys[groupBy]} AS key
     FROM instances AS i
     WHERE ($1::int[] IS NULL OR i.id = ANY ($1)) AND ($2::text IS NULL OR $2 IS NOT NULL)`,
    [instanceIds, labelKey],
  );
  const groups = new Map<string | null, Group>();
  return new Map(
    rows.map(({ id, key }) => {
      const group = groups.get(key) ?? { key, instanceId: groupBy === 'instance' ? id : null };
      groups.set(key, group);
      return [id, group];
    }),
  );
}

export interface Group {
  /** Null: those without an owner, or without the label; the whole fleet. */
  readonly key: string | null;
  /** Where a group is one instance. */
  readonly instanceId: number | null;
}

/** The groups that are told apart, the largest first. */
export function largestGroups(
  groups: Iterable<Group>,
  sizes: ReadonlyMap<Group, number | null>,
  top: number,
): ReadonlySet<Group> {
  const ranked = [...new Set(groups)].sort(
    (one, other) => (sizes.get(other) ?? -1) - (sizes.get(one) ?? -1) || ((one.key ?? '') < (other.key ?? '') ? -1 : 1),
  );
  return new Set(ranked.slice(0, top));
}

/** Stands for all groups that are not told apart. */
export const others: Group = { key: null, instanceId: null };

/** Sums by group and day; a sum of which nothing is known is null. */
export class Sums {
  readonly #byGroup = new Map<Group, Map<string, number | null>>();

  add(group: Group, day: string, value: number | null): void {
    const days = this.#byGroup.get(group) ?? new Map<string, number | null>();
    this.#byGroup.set(group, days);
    const before = days.get(day) ?? null;
    days.set(day, before === null ? value : before + (value ?? 0));
  }

  /** Every day that any group has. */
  days(): Set<string> {
    return new Set([...this.#byGroup.values()].flatMap((days) => [...days.keys()]));
  }

  /** In the order of the groups, what is left last; groups without a value are left out. */
  series(groups: Iterable<Group>): Series[] {
    return [...groups, others].flatMap((group): Series[] => {
      const days = this.#byGroup.get(group);
      if (days === undefined) return [];
      const { key, instanceId } = group;
      const instanceName = instanceId === null ? null : key;
      return [
        { group: key, instanceId, instanceName, databaseName: null, isOther: group === others, ...inOrder(days) },
      ];
    });
  }
}

function inOrder(values: ReadonlyMap<string, number | null>): Line {
  const days = [...values.keys()].sort();
  return { days, values: days.map((day) => values.get(day) ?? null) };
}
