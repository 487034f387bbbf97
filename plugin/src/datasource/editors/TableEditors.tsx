import { t } from '@grafana/i18n';
import { InlineField, InlineFieldRow, InlineSwitch } from '@grafana/ui';
import React, { useId } from 'react';

import type { CollectionsQuery, DatabasesQuery, ForecastsQuery, GrowthQuery, StorageQuery } from '../query/types';
import { Choice, Text, WholeNumber } from './Choice';
import { FiltersEditor } from './FiltersEditor';
import { GroupEditor } from './GroupEditor';
import { growthGroups, growthOrders, storageScopes } from './options';
import type { PartProps } from './parts';

interface LimitProps {
  readonly limit: number;
  readonly onChange: (changes: { limit: number }) => void;
}

const Limit = ({ limit, onChange }: LimitProps) => (
  <WholeNumber
    label={t('editor.limit', 'Rows')}
    value={limit}
    minimum={1}
    maximum={1000}
    onChange={(value) => onChange({ limit: value ?? limit })}
  />
);

interface DaysProps {
  readonly days: number | null;
  readonly onChange: (changes: { growthDays: number | null }) => void;
}

const GrowthDays = ({ days, onChange }: DaysProps) => (
  <WholeNumber
    label={t('editor.growth-days', 'Days back')}
    tooltip={t('editor.growth-days-hint', 'Growth is told against so many days ago.')}
    placeholder={t('editor.growth-days-range', 'As the dashboard')}
    value={days}
    minimum={1}
    maximum={3660}
    onChange={(growthDays) => onChange({ growthDays })}
  />
);

export const DatabasesEditor = ({ datasource, query, onChange }: PartProps<DatabasesQuery>) => {
  const id = useId();
  return (
    <>
      <FiltersEditor datasource={datasource} filters={query.filters} onChange={(filters) => onChange({ filters })} />
      <InlineFieldRow>
        <Text
          label={t('editor.search', 'Name holds')}
          value={query.search}
          onChange={(search) => onChange({ search })}
        />
        <GrowthDays days={query.growthDays} onChange={onChange} />
        <Limit limit={query.limit} onChange={onChange} />
        <InlineField label={t('editor.include-gone', 'With those gone')} labelWidth={18} htmlFor={id}>
          <InlineSwitch
            id={id}
            value={query.includeGone}
            onChange={({ currentTarget }) => onChange({ includeGone: currentTarget.checked })}
          />
        </InlineField>
      </InlineFieldRow>
    </>
  );
};

export const GrowthEditor = ({ datasource, query, onChange }: PartProps<GrowthQuery>) => (
  <>
    <InlineFieldRow>
      <GroupEditor
        datasource={datasource}
        groupBy={query.groupBy}
        groupLabel={query.groupLabel}
        options={growthGroups()}
        onChange={onChange}
      />
      <Choice
        label={t('editor.order', 'Order')}
        value={query.order}
        options={growthOrders()}
        onChange={(order) => onChange({ order })}
      />
      <GrowthDays days={query.growthDays} onChange={onChange} />
      <Limit limit={query.limit} onChange={onChange} />
    </InlineFieldRow>
    <FiltersEditor datasource={datasource} filters={query.filters} onChange={(filters) => onChange({ filters })} />
  </>
);

export const ForecastsEditor = ({ datasource, query, onChange }: PartProps<ForecastsQuery>) => (
  <>
    <FiltersEditor
      datasource={datasource}
      filters={query.filters}
      kinds={['engine', 'owner', 'label', 'instance']}
      onChange={(filters) => onChange({ filters })}
    />
    <InlineFieldRow>
      <WholeNumber
        label={t('editor.within', 'Full within')}
        tooltip={t('editor.within-hint', 'Days from today.')}
        placeholder={t('editor.within-any', 'Any time')}
        value={query.withinDays}
        minimum={1}
        maximum={3660}
        onChange={(withinDays) => onChange({ withinDays })}
      />
      <Limit limit={query.limit} onChange={onChange} />
    </InlineFieldRow>
  </>
);

export const CollectionsEditor = ({ datasource, query, onChange }: PartProps<CollectionsQuery>) => {
  const statuses = ['queued', 'running', 'succeeded', 'partial', 'failed', 'interrupted', 'cancelled'];
  return (
    <>
      <InlineFieldRow>
        <Choice
          label={t('editor.show', 'Show')}
          value={query.show}
          options={[
            { value: 'sessions', label: t('editor.show.sessions', 'Runs over the fleet') },
            { value: 'records', label: t('editor.show.records', 'Instances of the latest run') },
          ]}
          onChange={(show) => onChange({ show })}
        />
        <Choice
          label={t('editor.status', 'Status')}
          value={query.status}
          options={[{ value: '', label: t('editor.filter.all', 'All') }, ...statuses.map((value) => ({ value }))]}
          onChange={(status) => onChange({ status })}
        />
        <Limit limit={query.limit} onChange={onChange} />
      </InlineFieldRow>
      {query.show === 'records' && (
        <FiltersEditor
          datasource={datasource}
          filters={query.filters}
          kinds={['instance']}
          onChange={(filters) => onChange({ filters })}
        />
      )}
    </>
  );
};

export const StorageEditor = ({ datasource, query, onChange }: PartProps<StorageQuery>) => (
  <>
    <InlineFieldRow>
      <Choice
        label={t('editor.scope', 'Of')}
        value={query.scope}
        options={storageScopes()}
        onChange={(scope) => onChange({ scope })}
      />
      <Choice
        label={t('editor.show', 'Show')}
        value={query.show}
        options={[
          { value: 'latest', label: t('editor.show.latest', 'Latest') },
          { value: 'history', label: t('editor.show.history', 'Over time') },
        ]}
        onChange={(show) => onChange({ show })}
      />
    </InlineFieldRow>
    <FiltersEditor
      datasource={datasource}
      filters={query.filters}
      kinds={['instance']}
      onChange={(filters) => onChange({ filters })}
    />
  </>
);
