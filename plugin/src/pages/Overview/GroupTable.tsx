import { t } from '@grafana/i18n';
import React, { useMemo } from 'react';

import { bytesColumn, changeColumn, DataTable, figureColumn, linkColumn, rateColumn } from '../../components/DataTable';
import { engineName } from '../../components/engines';
import { QueryStates } from '../../components/QueryStates';
import { Section } from '../../components/Section';
import { Empty } from '../../components/States';
import type { FleetFilters, GrowthRow } from '../../data';
import { useGrowth } from '../../data/hooks';
import { formatCount } from '../../format';
import { links } from '../../links';

interface GroupTableProps {
  readonly groupBy: 'engine' | 'owner';
  readonly days: number;
  readonly filters: FleetFilters;
}

/** Size and growth by engine or by owner, the largest growth first. */
export const GroupTable = ({ groupBy, days, filters }: GroupTableProps) => {
  const query = useGrowth({ ...filters, days, group_by: groupBy, limit: 20 });
  const columns = useMemo(() => {
    const header = groupBy === 'engine' ? t('group.engine', 'Engine') : t('group.owner', 'Owner');
    const name = ({ group }: GrowthRow) =>
      group === null ? t('group.none', 'None') : groupBy === 'engine' ? engineName(group) : group;
    return [
      // No filter says "without an owner": a link would show the whole fleet.
      linkColumn<GrowthRow>({ id: 'group', header }, name, ({ group }) =>
        group === null ? null : links.instances({ [groupBy]: group }),
      ),
      figureColumn<GrowthRow>({ id: 'count', header: t('column.databases', 'Databases') }, (row) =>
        formatCount(row.database_count),
      ),
      bytesColumn<GrowthRow>({ id: 'size', header: t('column.size', 'Size') }, (row) => row.size_bytes),
      changeColumn<GrowthRow>({ id: 'change', header: t('column.growth', 'Growth') }, (row) => row.change_bytes),
      rateColumn<GrowthRow>({ id: 'rate', header: '%' }, (row) => row.growth_rate),
    ];
  }, [groupBy]);
  return (
    <Section title={groupBy === 'engine' ? t('overview.by-engine', 'By engine') : t('overview.by-owner', 'By owner')}>
      <QueryStates
        query={query}
        isEmpty={({ data }) => data.length === 0}
        empty={<Empty message={t('databases.empty', 'No databases in this filter')} />}
      >
        {({ data }) => <DataTable columns={columns} rows={data} rowId={(row) => row.group ?? ''} />}
      </QueryStates>
    </Section>
  );
};
