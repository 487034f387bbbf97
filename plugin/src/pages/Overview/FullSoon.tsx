import { t } from '@grafana/i18n';
import React, { useMemo } from 'react';

import { bytesColumn, changeColumn, DataTable, figureColumn, linkColumn } from '../../components/DataTable';
import { QueryStates } from '../../components/QueryStates';
import { Section } from '../../components/Section';
import { Empty } from '../../components/States';
import type { FleetFilters, FleetForecast } from '../../data';
import { useForecasts } from '../../data/hooks';
import { formatShare, unknownValue } from '../../format';
import { links } from '../../links';

/** Databases that reach their limit within half a year at the pace of the last months, the nearest first. */
export const FullSoon = ({ filters }: { readonly filters: FleetFilters }) => {
  const query = useForecasts({ ...filters, within_days: 180, sort: 'full_at', limit: 10 });
  const columns = useMemo(
    () => [
      linkColumn<FleetForecast>(
        { id: 'database', header: t('column.database', 'Database') },
        (row) => row.database_name,
        (row) => links.database(row.instance_id, row.database_name),
      ),
      linkColumn<FleetForecast>(
        { id: 'instance', header: t('column.instance', 'Instance') },
        (row) => row.instance_name,
        (row) => links.instance(row.instance_id, 'files'),
      ),
      bytesColumn<FleetForecast>({ id: 'size', header: t('column.size', 'Size') }, (row) => row.size_bytes),
      bytesColumn<FleetForecast>({ id: 'limit', header: t('column.limit', 'Limit') }, (row) => row.limit_bytes),
      figureColumn<FleetForecast>({ id: 'used', header: t('column.full', 'Full') }, (row) =>
        row.limit_bytes === null ? unknownValue : formatShare(row.size_bytes / row.limit_bytes),
      ),
      changeColumn<FleetForecast>({ id: 'pace', header: t('column.per-day', 'Per day') }, (row) =>
        Math.round(row.change_bytes_per_day),
      ),
      figureColumn<FleetForecast>(
        { id: 'full_at', header: t('column.full-on', 'Full on') },
        (row) => row.full_at?.slice(0, 10) ?? unknownValue,
      ),
    ],
    [],
  );
  return (
    <Section
      title={t('overview.full-soon', 'Full soon')}
      description={t('overview.full-soon-hint', 'At the pace of the last 90 days, within 180 days')}
    >
      <QueryStates
        query={query}
        isEmpty={({ data }) => data.length === 0}
        empty={
          <Empty
            variant="completed"
            message={t('overview.none-full', 'No database reaches its limit within 180 days')}
          />
        }
      >
        {({ data }) => (
          <DataTable columns={columns} rows={data} rowId={(row) => `${row.instance_id}/${row.database_name}`} />
        )}
      </QueryStates>
    </Section>
  );
};
