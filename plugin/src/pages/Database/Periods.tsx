import { t } from '@grafana/i18n';
import { RadioButtonGroup } from '@grafana/ui';
import React from 'react';

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

const periods = ['weekly', 'monthly', 'quarterly'] as const;
const codecs = { period: oneOf(periods, 'monthly') };

/** Statistics of the database by week, month or quarter. */
export const Periods = ({ instanceId, databaseName }: PeriodsProps) => {
  const [{ period }, change] = useUrlState(codecs);
  const query = useStatistics(instanceId, { period_type: period, database_name: databaseName });
  return (
    <Section
      title={t('database.statistics', 'Statistics')}
      actions={
        <RadioButtonGroup<(typeof periods)[number]>
          size="sm"
          aria-label={t('statistics.period', 'Period')}
          value={period}
          onChange={(value) => change({ period: value })}
          options={[
            { value: 'weekly', label: t('statistics.weekly', 'Week') },
            { value: 'monthly', label: t('statistics.monthly', 'Month') },
            { value: 'quarterly', label: t('statistics.quarterly', 'Quarter') },
          ]}
        />
      }
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
