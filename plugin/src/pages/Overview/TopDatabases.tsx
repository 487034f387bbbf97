import { t } from '@grafana/i18n';
import { LinkButton } from '@grafana/ui';
import React, { useMemo } from 'react';

import { bytesColumn, changeColumn, DataTable, linkColumn, rateColumn } from '../../components/DataTable';
import { QueryStates } from '../../components/QueryStates';
import { Section } from '../../components/Section';
import { Empty } from '../../components/States';
import type { DatabaseRow, FleetFilters } from '../../data';
import { useDatabases } from '../../data/hooks';
import { links } from '../../links';
import { NoGrowth } from './NoGrowth';

interface TopDatabasesProps {
  readonly kind: 'largest' | 'growing';
  readonly days: number;
  readonly filters: FleetFilters;
}

/** The ten largest databases, or those that grew most. */
export const TopDatabases = ({ kind, days, filters }: TopDatabasesProps) => {
  const query = useDatabases({
    ...filters,
    growth_days: days,
    sort: kind === 'largest' ? '-size_bytes' : '-change_bytes',
    limit: 10,
  });
  const columns = useMemo(
    () => [
      linkColumn<DatabaseRow>(
        { id: 'database_name', header: t('column.database', 'Database') },
        (row) => row.database_name,
        (row) => links.database(row.instance_id, row.database_name),
      ),
      linkColumn<DatabaseRow>(
        { id: 'instance_name', header: t('column.instance', 'Instance') },
        (row) => row.instance_name,
        (row) => links.instance(row.instance_id),
      ),
      bytesColumn<DatabaseRow>({ id: 'size_bytes', header: t('column.size', 'Size') }, (row) => row.size_bytes),
      changeColumn<DatabaseRow>(
        { id: 'change_bytes', header: t('column.growth', 'Growth') },
        (row) => row.growth?.change_bytes,
      ),
      rateColumn<DatabaseRow>({ id: 'growth_rate', header: '%' }, (row) => row.growth?.growth_rate),
    ],
    [],
  );
  return (
    <Section
      title={kind === 'largest' ? t('overview.largest', 'Largest databases') : t('overview.growing', 'Grew most')}
      actions={
        <LinkButton size="sm" variant="secondary" fill="text" href={links.growth({ days })}>
          {t('overview.more', 'More')}
        </LinkButton>
      }
    >
      <QueryStates
        query={query}
        isEmpty={({ data }) => data.length === 0}
        empty={<Empty message={t('databases.empty', 'No databases in this filter')} />}
      >
        {({ data }) => {
          // What nobody can compare has not grown most.
          const rows = kind === 'largest' ? data : data.filter((row) => row.growth?.change_bytes != null);
          return rows.length === 0 ? (
            <NoGrowth days={days} filters={filters} />
          ) : (
            <DataTable columns={columns} rows={rows} rowId={(row) => `${row.instance_id}/${row.database_name}`} />
          );
        }}
      </QueryStates>
    </Section>
  );
};
