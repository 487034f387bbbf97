import { t } from '@grafana/i18n';
import React, { useCallback, useMemo } from 'react';

import { ChoiceButtons } from '../../components/ChoiceButtons';
import { CsvButton } from '../../components/CsvButton';
import { SearchInput } from '../../components/Filters';
import { Column, Toolbar } from '../../components/Layout';
import { PeriodPicker, periods } from '../../components/PeriodPicker';
import { QueryStates } from '../../components/QueryStates';
import { Section } from '../../components/Section';
import { Empty } from '../../components/States';
import { useStatistics, useTrends } from '../../data/hooks';
import { addDays, timeToDay } from '../../format';
import { oneOf, text } from '../../hooks/urlCodecs';
import { useUrlState } from '../../hooks/useUrlState';
import { StatisticsTable } from '../../components/StatisticsTable';
import { TrendChart } from './TrendChart';

/** How many months a look back covers: a dozen or two periods each. */
const months = { weekly: 4, monthly: 12, quarterly: 36 } as const;
const shows = ['size', 'growth'] as const;
const codecs = { period: oneOf(periods, 'monthly'), find: text(), show: oneOf(shows, 'size') };

/** Average, largest and smallest size by week, month or quarter, and how that changed. */
export const StatisticsTab = ({ instanceId }: { readonly instanceId: number }) => {
  const [{ period, find, show }, change] = useUrlState(codecs);
  const start = useMemo(() => addDays(timeToDay(Date.now()), -months[period] * 31), [period]);
  const filter = { period_type: period, start_date: start };
  const statistics = useStatistics(instanceId, filter);
  const trends = useTrends(instanceId, { period_type: period, months: months[period] });
  const onFind = useCallback((value: string) => change({ find: value }), [change]);
  const empty = (
    <Empty message={t('statistics.empty', 'No statistics yet')}>
      {t(
        'statistics.empty-hint',
        'They are computed from the measurements every night, and on the first look at them.',
      )}
    </Empty>
  );
  return (
    <Column>
      <Toolbar>
        <PeriodPicker value={period} onChange={(value) => change({ period: value })} />
        <SearchInput value={find} placeholder={t('databases.search', 'Search databases')} onChange={onFind} />
        <CsvButton
          path={`/instances/${instanceId}/database-sizes/aggregations`}
          query={filter}
          fileName={`tidemark-statistics-${instanceId}.csv`}
        />
      </Toolbar>
      <Section
        title={t('statistics.trend', 'Average size and growth by period')}
        actions={
          <ChoiceButtons<(typeof shows)[number]>
            size="sm"
            aria-label={t('statistics.show', 'Shown')}
            value={show}
            onChange={(value) => change({ show: value })}
            options={[
              { value: 'size', label: t('statistics.show-size', 'Average size') },
              { value: 'growth', label: t('statistics.show-growth', 'Growth rate') },
            ]}
          />
        }
      >
        <QueryStates query={trends} isEmpty={(data) => data.trends.length === 0} empty={empty}>
          {(data) => <TrendChart trends={data} find={find} periodType={period} show={show} />}
        </QueryStates>
      </Section>
      <Section title={t('statistics.table', 'By database and period')}>
        <QueryStates query={statistics} isEmpty={(data) => data.length === 0} empty={empty}>
          {(data) => <StatisticsTable instanceId={instanceId} rows={data} find={find} />}
        </QueryStates>
      </Section>
    </Column>
  );
};
