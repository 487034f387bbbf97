import { t } from '@grafana/i18n';
import { InlineFieldRow } from '@grafana/ui';
import React from 'react';

import type { SeriesQuery } from '../query/types';
import { Choice, Text, WholeNumber } from './Choice';
import { FiltersEditor } from './FiltersEditor';
import { GroupEditor } from './GroupEditor';
import { calculations, measures, seriesGroups } from './options';
import type { PartProps } from './parts';

export const SeriesEditor = ({ datasource, query, onChange }: PartProps<SeriesQuery>) => {
  const isForecast = query.calculation === 'forecast';
  return (
    <>
      <InlineFieldRow>
        <Choice
          label={t('editor.calculation', 'Show')}
          value={query.calculation}
          options={calculations()}
          onChange={(calculation) => onChange({ calculation })}
        />
        {!isForecast && (
          <>
            <Choice
              label={t('editor.measure', 'Measure')}
              value={query.measure}
              options={measures()}
              onChange={(measure) => onChange({ measure })}
            />
            <GroupEditor
              datasource={datasource}
              groupBy={query.groupBy}
              groupLabel={query.groupLabel}
              options={seriesGroups()}
              onChange={onChange}
            />
          </>
        )}
        {isForecast && (
          <WholeNumber
            label={t('editor.horizon', 'Days ahead')}
            value={query.horizonDays}
            minimum={1}
            maximum={1825}
            onChange={(horizonDays) => onChange({ horizonDays: horizonDays ?? query.horizonDays })}
          />
        )}
      </InlineFieldRow>
      <FiltersEditor datasource={datasource} filters={query.filters} onChange={(filters) => onChange({ filters })} />
      <InlineFieldRow>
        <WholeNumber
          label={t('editor.top', 'Lines')}
          tooltip={t('editor.top-hint', 'The largest groups get a line each; the rest is added up.')}
          value={query.top}
          minimum={1}
          maximum={200}
          onChange={(top) => onChange({ top: top ?? query.top })}
        />
        <Text
          label={t('editor.legend', 'Legend')}
          tooltip={t('editor.legend-hint', 'With the parts group, instance and database in double braces.')}
          value={query.legend}
          placeholder="{{instance}} {{database}}"
          onChange={(legend) => onChange({ legend })}
        />
      </InlineFieldRow>
    </>
  );
};
