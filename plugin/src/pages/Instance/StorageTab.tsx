import { t } from '@grafana/i18n';
import React, { useMemo } from 'react';

import { ChoiceButtons } from '../../components/ChoiceButtons';
import { Toolbar, Column } from '../../components/Layout';
import { ManyFilter } from '../../components/Filters';
import { QueryStates } from '../../components/QueryStates';
import { RangePicker } from '../../components/RangePicker';
import { Section } from '../../components/Section';
import { SizeChart } from '../../components/SizeChart';
import { Empty } from '../../components/States';
import { useInstanceDatabases, useSeries } from '../../data/hooks';
import { dateTime } from '@grafana/data';
import { list, oneOf } from '../../hooks/urlCodecs';
import { useUrlState } from '../../hooks/useUrlState';
import { useUrlTimeRange } from '../../hooks/useUrlTimeRange';
import { DatabasesTable } from './DatabasesTable';

const styles = ['stacked', 'area', 'bars'] as const;
const measures = ['size', 'data', 'log'] as const;
const codecs = { database: list(), style: oneOf(styles, 'stacked'), measure: oneOf(measures, 'size') };

/** How large the databases of an instance were in a range of days, and how large they are. */
export const StorageTab = ({ instanceId }: { readonly instanceId: number }) => {
  const [{ database, style, measure }, change] = useUrlState(codecs);
  const { range, days, setRange } = useUrlTimeRange();
  const query = useSeries({
    ...days,
    instance_id: [instanceId],
    database_name: database,
    measure,
    group_by: 'database',
    top: 15,
  });
  return (
    <Column>
      <Section
        title={t('storage.chart', 'Size by day')}
        actions={
          <Toolbar>
            <DatabaseFilter
              instanceId={instanceId}
              value={database}
              onChange={(value) => change({ database: value })}
            />
            <ChoiceButtons<(typeof measures)[number]>
              size="sm"
              aria-label={t('storage.measure', 'Measure')}
              value={measure}
              onChange={(value) => change({ measure: value })}
              options={[
                { value: 'size', label: t('measure.size', 'Total') },
                { value: 'data', label: t('measure.data', 'Data') },
                { value: 'log', label: t('measure.log', 'Log') },
              ]}
            />
            <ChoiceButtons<(typeof styles)[number]>
              size="sm"
              aria-label={t('storage.style', 'Drawn as')}
              value={style}
              onChange={(value) => change({ style: value })}
              options={[
                { value: 'stacked', label: t('storage.stacked', 'Stacked') },
                { value: 'area', label: t('storage.area', 'Lines') },
                { value: 'bars', label: t('storage.bars', 'Bars') },
              ]}
            />
            <RangePicker value={range} onChange={setRange} />
          </Toolbar>
        }
      >
        <QueryStates
          query={query}
          isEmpty={(series) => series.length === 0}
          empty={
            <Empty message={t('chart.empty', 'No measurements in this range')}>
              {t('storage.empty-hint', 'Choose a longer range, or look at the collections of the instance.')}
            </Empty>
          }
        >
          {(series) => (
            <SizeChart
              label={t('storage.chart', 'Size by day')}
              style={style === 'bars' ? 'bars' : 'area'}
              stacked={style !== 'area'}
              start={days.start_date}
              end={days.end_date}
              series={series.map((one) => ({
                name: one.other ? t('group.other', 'Others') : (one.database_name ?? one.group ?? ''),
                t: one.t,
                values: one.values,
              }))}
              onZoom={(from, to) => setRange({ from: dateTime(from), to: dateTime(to) })}
            />
          )}
        </QueryStates>
      </Section>
      <DatabasesTable instanceId={instanceId} />
    </Column>
  );
};

interface DatabaseFilterProps {
  readonly instanceId: number;
  readonly value: readonly string[];
  readonly onChange: (value: readonly string[]) => void;
}

const DatabaseFilter = ({ instanceId, value, onChange }: DatabaseFilterProps) => {
  const query = useInstanceDatabases(instanceId, { include_gone: true, sort: 'database_name', limit: 1000 });
  const options = useMemo(() => (query.data?.data ?? []).map((row) => ({ value: row.database_name })), [query.data]);
  return (
    <ManyFilter
      label={t('storage.databases', 'Databases')}
      placeholder={t('storage.all-databases', 'All databases')}
      options={options}
      value={value}
      onChange={onChange}
    />
  );
};
