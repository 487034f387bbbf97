import { t } from '@grafana/i18n';
import React from 'react';

import { QueryStates } from '../../components/QueryStates';
import { Stat, Stats } from '../../components/Stat';
import { Empty } from '../../components/States';
import type { FleetFilters } from '../../data';
import { useGrowth } from '../../data/hooks';
import { formatBytes, formatBytesChange, formatCount, formatRate } from '../../format';

interface FleetFiguresProps {
  readonly days: number;
  readonly filters: FleetFilters;
}

/** How much there is, and how much more than before. */
export const FleetFigures = ({ days, filters }: FleetFiguresProps) => {
  const query = useGrowth({ ...filters, days, group_by: 'fleet' });
  return (
    <QueryStates query={query} isEmpty={({ data }) => data.length === 0} empty={<NothingMeasured filters={filters} />}>
      {({ data: [fleet] }) =>
        fleet !== undefined && (
          <Stats>
            <Stat
              label={t('overview.total', 'Total size')}
              value={formatBytes(fleet.size_bytes)}
              note={t('overview.databases', '{{databases}} databases', {
                databases: formatCount(fleet.database_count),
              })}
            />
            <Stat
              label={t('overview.growth', 'Growth in {{days}} days', { days })}
              value={formatBytesChange(fleet.change_bytes)}
              note={formatRate(fleet.growth_rate)}
            />
            <Stat
              label={t('overview.new', 'New databases')}
              value={formatCount(fleet.new_count)}
              note={formatBytes(fleet.new_bytes)}
            />
            <Stat
              label={t('overview.vanished', 'Vanished databases')}
              value={formatCount(fleet.vanished_count)}
              note={formatBytes(fleet.vanished_bytes)}
            />
          </Stats>
        )
      }
    </QueryStates>
  );
};

/** Figures are of active instances: there may be older sizes of others, and collections of them. */
const NothingMeasured = ({ filters }: Pick<FleetFiguresProps, 'filters'>) =>
  Object.values(filters).some((chosen) => (chosen ?? []).length > 0) ? (
    <Empty message={t('overview.nothing-filtered', 'No active instance in this filter has been measured yet')}>
      {t('overview.nothing-filtered-hint', 'Clear the filter to see the whole fleet.')}
    </Empty>
  ) : (
    <Empty message={t('overview.nothing', 'No active instance has been measured yet')}>
      {t(
        'overview.nothing-hint',
        'Figures are of active instances, and appear after the first collection of one: start it on the page Collections.',
      )}
    </Empty>
  );
