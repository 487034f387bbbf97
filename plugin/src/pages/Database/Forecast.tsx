import { t } from '@grafana/i18n';
import React from 'react';

import { QueryStates } from '../../components/QueryStates';
import { Section } from '../../components/Section';
import { SizeChart, type ChartSeries } from '../../components/SizeChart';
import { Stat, Stats } from '../../components/Stat';
import { Empty } from '../../components/States';
import type { PredictedForecast } from '../../data';
import { useInstanceForecasts } from '../../data/hooks';
import { formatBytesChange, formatShare } from '../../format';

interface ForecastProps {
  readonly instanceId: number;
  readonly databaseName: string;
}

/** Where the database is going at the pace of the last 90 days: a line, its bounds, the limit. */
export const Forecast = ({ instanceId, databaseName }: ForecastProps) => {
  const query = useInstanceForecasts(instanceId, { database_name: databaseName, days: 90, horizon_days: 180 });
  return (
    <Section
      title={t('forecast.title', 'Forecast')}
      description={t('forecast.hint', 'At the pace of the last 90 days, for 180 days')}
    >
      <QueryStates
        query={query}
        isEmpty={(data) => data.length === 0}
        empty={<Empty message={t('forecast.empty', 'Too little history for a forecast')} />}
      >
        {([forecast]) => forecast !== undefined && <Prediction forecast={forecast} />}
      </QueryStates>
    </Section>
  );
};

const Prediction = ({ forecast }: { readonly forecast: PredictedForecast }) => {
  const { t: days } = forecast.predicted;
  return (
    <>
      <Stats>
        <Stat
          label={t('forecast.pace', 'Per day')}
          value={formatBytesChange(Math.round(forecast.change_bytes_per_day))}
        />
        <Stat
          label={t('forecast.full', 'Full on')}
          value={forecast.full_at?.slice(0, 10) ?? t('forecast.never', 'Not foreseen')}
        />
        <Stat
          label={t('forecast.fit', 'Fit of the line')}
          value={formatShare(forecast.r_squared)}
          note={t('forecast.points', 'From {{points}} measurements', { points: forecast.points })}
        />
      </Stats>
      <SizeChart
        style="lines"
        height={240}
        // Computed and not measured: there are no gaps, whatever days it is given for.
        stepDays={Infinity}
        label={t('forecast.title', 'Forecast')}
        start={days[0] ?? forecast.to_date}
        end={days.at(-1) ?? forecast.to_date}
        series={forecastSeries(forecast)}
      />
    </>
  );
};

/** The line, the band between its bounds, and the limit where there is one. */
export function forecastSeries({ predicted, limit_bytes: limit }: PredictedForecast): ChartSeries[] {
  const { t: days } = predicted;
  const low = t('forecast.low', 'Lower bound');
  const lines: ChartSeries[] = [
    { name: t('forecast.size', 'Expected size'), t: days, values: predicted.size_bytes, dashed: true, color: 'blue' },
    { name: low, t: days, values: predicted.low_bytes, isAuxiliary: true, color: 'blue' },
    {
      name: t('forecast.high', 'Upper bound'),
      t: days,
      values: predicted.high_bytes,
      isAuxiliary: true,
      fillBelowTo: low,
      color: 'blue',
    },
  ];
  if (limit === null) return lines;
  return [...lines, { name: t('column.limit', 'Limit'), t: days, values: days.map(() => limit), color: 'red' }];
}
