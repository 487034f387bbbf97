import { t } from '@grafana/i18n';
import React from 'react';

import { PeriodPicker, periods } from '../../components/PeriodPicker';
import { QueryStates } from '../../components/QueryStates';
import { Section } from '../../components/Section';
import { Empty } from '../../components/States';
import { StatisticsTable } from '../../components/StatisticsTable';
import { useStatistics } from '../../data/hooks';
import { oneOf } from '../../hooks/urlCodecs';
import { useUrlState } from '../../hooks/useUrlState';

interface PeriodsProps {
  readonly instanceId: number;
  readonly databaseName: string;
}

const codecs = { period: oneOf(periods, 'monthly') };

/** Statistics of the database by week, month or quarter. */
export const Periods = ({ instanceId, databaseName }: PeriodsProps) => {
  const [{ period }, change] = useUrlState(codecs);
  const query = useStatistics(instanceId, { period_type: period, database_name: databaseName });
  return (
    <Section
      title={t('database.statistics', 'Statistics')}
      actions={<PeriodPicker size="sm" value={period} onChange={(value) => change({ period: value })} />}
    >
      <QueryStates
        query={query}
        isEmpty={(data) => data.length === 0}
        empty={<Empty message={t('statistics.empty', 'No statistics yet')} />}
      >
        {(data) => <StatisticsTable instanceId={instanceId} rows={data} find="" />}
      </QueryStates>
    </Section>
  );
};
