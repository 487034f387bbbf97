import type { QueryEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { InlineFieldRow } from '@grafana/ui';
import React from 'react';

import type { TidemarkDataSource } from '../DataSource';
import { migrateVariableQuery } from '../query/migrate';
import type { TidemarkQuery, VariableQuery } from '../query/types';
import type { TidemarkOptions } from '../types';
import { Choice } from './Choice';
import { FiltersEditor } from './FiltersEditor';
import { LabelKey } from './GroupEditor';
import { variableValues } from './options';
import { translated } from './translated';

type Props = QueryEditorProps<TidemarkDataSource, TidemarkQuery, TidemarkOptions, VariableQuery>;

/** The editor of a dashboard's variable. */
const Editor = ({ datasource, query: saved, onChange }: Props) => {
  const query = migrateVariableQuery({ ...saved, refId: saved.refId ?? 'TidemarkVariable' });
  const change = (changes: Partial<VariableQuery>) => onChange({ ...query, ...changes });
  const isFiltered = query.values === 'instance' || query.values === 'database';
  return (
    <>
      <InlineFieldRow>
        <Choice
          label={t('editor.values', 'Values')}
          value={query.values}
          options={variableValues()}
          onChange={(values) => change({ values })}
        />
        {query.values === 'label' && (
          <LabelKey datasource={datasource} value={query.labelKey} onChange={(labelKey) => change({ labelKey })} />
        )}
      </InlineFieldRow>
      {isFiltered && (
        <FiltersEditor
          datasource={datasource}
          filters={query.filters}
          kinds={query.values === 'instance' ? ['engine', 'owner', 'label'] : ['engine', 'owner', 'label', 'instance']}
          onChange={(filters) => change({ filters })}
        />
      )}
    </>
  );
};

export const VariableEditor = translated(Editor);
