import { t } from '@grafana/i18n';
import React from 'react';

import { Empty } from '../../components/States';
import type { FleetFilters } from '../../data';
import { useDatabases } from '../../data/hooks';
import { addDays, timeToDay } from '../../format';

interface NoGrowthProps {
  readonly days: number;
  readonly filters: FleetFilters;
}

/** Where no database was measured at the beginning of the window: from when on one will have been. */
export const NoGrowth = ({ days, filters }: NoGrowthProps) => {
  const rows = useDatabases({ ...filters, growth_days: days, limit: 1000 }).data?.data ?? [];
  const [first] = rows.map((row) => row.first_seen_date).sort();
  const known = first === undefined ? undefined : addDays(first, days);
  return (
    <Empty message={t('overview.no-growth', 'No growth is known yet')}>
      {/* A day that is over: it was not measured then, and there is no other day to promise. */}
      {first === undefined || known === undefined || known <= timeToDay(Date.now())
        ? t('growth.empty-hint', 'Growth needs a measurement at the beginning of the window: choose a shorter one.')
        : t('overview.growth-from', 'Measured since {{first}}: growth in {{days}} days is known from {{known}} on.', {
            first,
            days,
            known,
          })}
    </Empty>
  );
};
