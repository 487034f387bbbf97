import { t } from '@grafana/i18n';

import type { TidemarkClient } from '../../data/client';
import type { FleetFilters } from '../../data/common';
import { listInstances } from '../../data/resources/instances';
import { plain } from '../../format/text';
import type { QueryFilters } from './types';

/** A query that cannot be asked as it is; the message says what to change. */
export class QueryProblem extends Error {}

/**
 * What the API filters by. It knows instances by their id; dashboards may name them, because names are the same on
 * every exporter and ids are not.
 * @throws QueryProblem for a name that no instance has; ApiError
 */
export async function fleetFilters(client: TidemarkClient, filters: QueryFilters): Promise<FleetFilters> {
  const { engine, owner, label, instance } = filters;
  return {
    engine: engine ?? [],
    owner: owner ?? [],
    label: label ?? [],
    instance_id: await Promise.all((instance ?? []).map((nameOrId) => instanceId(client, nameOrId))),
  };
}

/** @throws QueryProblem unless the filters name exactly one instance; ApiError */
export async function onlyInstance(client: TidemarkClient, filters: QueryFilters): Promise<number> {
  const [instance, ...others] = filters.instance ?? [];
  if (instance === undefined || others.length > 0) {
    throw new QueryProblem(
      t('query.one-instance', 'This query is about one instance: choose exactly one in the filters.'),
    );
  }
  return instanceId(client, instance);
}

async function instanceId(client: TidemarkClient, nameOrId: string): Promise<number> {
  if (/^\d+$/.test(nameOrId)) return Number(nameOrId);
  const { data } = await listInstances(client, { search: nameOrId, limit: 1000 });
  const found = data.find(({ name }) => name === nameOrId);
  if (found !== undefined) return found.id;
  throw new QueryProblem(
    t(
      'query.no-instance',
      'There is no instance "{{name}}", or the token of the data source does not see it.',
      plain({ name: nameOrId }),
    ),
  );
}
