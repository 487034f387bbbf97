import { t } from '@grafana/i18n';
import { InlineField, InlineFieldRow, MultiCombobox } from '@grafana/ui';
import React, { useId } from 'react';

import type { TidemarkDataSource } from '../DataSource';
import type { QueryFilters } from '../query/types';
import { filterOptions } from './options';

interface FiltersEditorProps {
  readonly datasource: TidemarkDataSource;
  readonly filters: QueryFilters;
  readonly onChange: (filters: QueryFilters) => void;
  /** Which kinds make sense; all unless said. */
  readonly kinds?: readonly (keyof QueryFilters)[];
}

const allKinds = ['engine', 'owner', 'label', 'instance', 'database'] as const;

/** What part of the fleet: values of the exporter, or variables typed in. */
export const FiltersEditor = ({ datasource, filters, onChange, kinds = allKinds }: FiltersEditorProps) => {
  const id = useId();
  const labels: Record<keyof QueryFilters, string> = {
    engine: t('editor.filter.engine', 'Engines'),
    owner: t('editor.filter.owner', 'Owners'),
    label: t('editor.filter.label', 'Labels'),
    instance: t('editor.filter.instance', 'Instances'),
    database: t('editor.filter.database', 'Databases'),
  };
  return (
    <InlineFieldRow>
      {kinds.map((kind) => (
        <InlineField key={kind} label={labels[kind]} labelWidth={14} htmlFor={`${id}-${kind}`}>
          <MultiCombobox
            id={`${id}-${kind}`}
            aria-label={labels[kind]}
            width={32}
            createCustomValue
            isClearable
            placeholder={t('editor.filter.all', 'All')}
            value={(filters[kind] ?? []).map((value) => ({ value }))}
            options={(typed) => filterOptions(datasource, kind, typed)}
            onChange={(chosen) => onChange({ ...filters, [kind]: chosen.map(({ value }) => value) })}
          />
        </InlineField>
      ))}
    </InlineFieldRow>
  );
};
