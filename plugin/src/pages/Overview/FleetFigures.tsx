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
    <QueryStates
      query={query}
      isEmpty={({ data }) => data.length === 0}
      empty={
        <Empty message={t('overview.nothing', 'Nothing has been measured yet')}>
          {t('overview.nothing-hint', 'Sizes appear after the first collection: start one on the page Collections.')}
        </Empty>
      }
    >
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
