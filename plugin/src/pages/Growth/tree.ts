import { t } from '@grafana/i18n';

import { engineName } from '../../components/engines';
import type { TreemapNode } from '../../components/Treemap';
import type { DatabaseRow } from '../../data';
import { formatBytesChange } from '../../format';
import { links } from '../../links';

/**
 * Databases below their instances, those below their engine or owner.
 * @param area what the uppermost areas are
 */
export function occupancyTree(rows: readonly DatabaseRow[], area: 'engine' | 'owner' | 'instance'): TreemapNode {
  const areas = new Map<string, Map<string, TreemapNode[]>>();
  for (const row of rows) {
    const instances = entry(areas, areaOf(row, area), () => new Map<string, TreemapNode[]>());
    entry(instances, row.instance_name, (): TreemapNode[] => []).push({
      name: row.database_name,
      value: row.size_bytes,
      href: links.database(row.instance_id, row.database_name),
      ...(row.growth === null ? {} : { note: formatBytesChange(row.growth.change_bytes) }),
    });
  }
  const children = [...areas].map(([name, instances]) => ({
    name,
    children:
      area === 'instance'
        ? [...instances.values()].flat()
        : [...instances].map(([instance, databases]) => ({ name: instance, children: databases })),
  }));
  return { name: '', children };
}

function areaOf(row: DatabaseRow, area: 'engine' | 'owner' | 'instance'): string {
  if (area === 'engine') return engineName(row.engine);
  return area === 'owner' ? (row.owner ?? t('group.none', 'None')) : row.instance_name;
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
