import { t } from '@grafana/i18n';
import React, { useMemo } from 'react';

import { ChoiceButtons } from '../../components/ChoiceButtons';
import { engineName } from '../../components/engines';
import { QueryStates } from '../../components/QueryStates';
import { Section } from '../../components/Section';
import { SizeChart } from '../../components/SizeChart';
import { Empty } from '../../components/States';
import type { FleetFilters } from '../../data';
import { useSeries } from '../../data/hooks';
import { addDays, timeToDay } from '../../format';
import { oneOf } from '../../hooks/urlCodecs';
import { useUrlState } from '../../hooks/useUrlState';

interface FleetChartProps {
  readonly days: number;
  readonly filters: FleetFilters;
}

const groups = ['engine', 'owner'] as const;
const codecs = { chart: oneOf(groups, 'engine') };

/** The size of the fleet by day, by engine or owner. */
export const FleetChart = ({ days, filters }: FleetChartProps) => {
  const [{ chart: groupBy }, change] = useUrlState(codecs);
  const end = useMemo(() => timeToDay(Date.now()), []);
  const start = addDays(end, -days);
  const query = useSeries({ ...filters, start_date: start, end_date: end, group_by: groupBy, top: 10 });
  return (
    <Section
      title={t('overview.chart', 'Size by day')}
      actions={
        <ChoiceButtons<(typeof groups)[number]>
          size="sm"
          aria-label={t('overview.chart-group', 'Grouped by')}
          value={groupBy}
          onChange={(value) => change({ chart: value })}
          options={[
            { value: 'engine', label: t('group.engine', 'Engine') },
            { value: 'owner', label: t('group.owner', 'Owner') },
          ]}
        />
      }
    >
      <QueryStates
        query={query}
        isEmpty={(series) => series.length === 0}
        empty={<Empty message={t('chart.empty', 'No measurements in this range')} />}
      >
        {(series) => (
          <SizeChart
            stacked
            height={260}
            label={t('overview.chart', 'Size by day')}
            start={start}
            end={end}
            series={series.map(({ group, other, t: days, values }) => ({
              name: other
                ? t('group.other', 'Others')
                : group === null
                  ? t('group.none', 'None')
                  : groupBy === 'engine'
                    ? engineName(group)
                    : group,
              t: days,
              values,
            }))}
          />
        )}
      </QueryStates>
    </Section>
  );
};
