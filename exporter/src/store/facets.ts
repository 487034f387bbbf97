import { fleetCondition, Parameters } from './fleet-filter.ts';
import type { Queryable } from './pool.ts';

/** A value that instances have in common, and how many have it. */
export interface Facet<Value> {
  readonly value: Value;
  readonly instances: number;
}

/** What instances can be told apart by. */
export interface Facets {
  readonly engines: readonly Facet<string>[];
  /** Null: instances without an owner. */
  readonly owners: readonly Facet<string | null>[];
  /** Every key with its values, both in order. */
  readonly labels: readonly { readonly key: string; readonly values: readonly string[] }[];
}

/**
 * Of all instances, those that are not active too.
 * @param visibleTo the owner whose instances there are; null for all
 */
export async function readFacets(client: Queryable, visibleTo: string | null): Promise<Facets> {
  const parameters = new Parameters();
  const source = `FROM instances AS i WHERE ${fleetCondition({ visibleTo }, parameters)}`;
  const { rows } = await client.query<Facets>(
    `WITH seen AS (SELECT i.engine, i.owner, i.labels ${source})
     SELECT
       (SELECT coalesce(jsonb_agg(jsonb_build_object('value', engine, 'instances', n) ORDER BY engine), '[]')
        FROM (SELECT engine, count(*) AS n FROM seen GROUP BY engine) AS e) AS engines,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('value', owner, 'instances', n) ORDER BY owner NULLS LAST), '[]')
        FROM (SELECT owner, count(*) AS n FROM seen GROUP BY owner) AS o) AS owners,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('key', key, 'values', found) ORDER BY key), '[]')
        FROM (
          SELECT label.key, jsonb_agg(DISTINCT label.value ORDER BY label.value) AS found
          FROM seen CROSS JOIN LATERAL jsonb_each_text(seen.labels) AS label
          GROUP BY label.key
        ) AS l) AS labels`,
    parameters.values,
  );
  const [facets] = rows;
  if (facets === undefined) throw new Error('the repository did not say what instances have in common');
  return facets;
}
