import type { AnnotationSupport } from '@grafana/data';
import { t } from '@grafana/i18n';
import { InlineField, InlineFieldRow, MultiCombobox } from '@grafana/ui';
import React, { useId } from 'react';

import type { EventKind } from '../../data/resources/events';
import type { TidemarkDataSource } from '../DataSource';
import { defaultQueries } from '../query/defaults';
import { migrateQuery } from '../query/migrate';
import type { EventsQuery, TidemarkQuery } from '../query/types';
import { FiltersEditor } from './FiltersEditor';
import { eventKinds } from './options';
import { translated } from './translated';

interface Props {
  readonly datasource: TidemarkDataSource;
  readonly query?: TidemarkQuery;
  readonly onChange: (query: TidemarkQuery) => void;
}

/** Which events become marks on a dashboard. */
const Editor = ({ datasource, query: saved, onChange }: Props) => {
  const id = useId();
  const query = eventsOf(saved);
  const change = (changes: Partial<EventsQuery>) => onChange({ ...query, ...changes });
  const label = t('editor.kinds', 'Events');
  return (
    <>
      <InlineFieldRow>
        <InlineField
          label={label}
          tooltip={t('editor.kinds-hint', 'Sudden changes are found within one instance: choose one below.')}
          labelWidth={14}
          htmlFor={id}
        >
          <MultiCombobox<EventKind>
            id={id}
            aria-label={label}
            width={64}
            value={[...query.kinds]}
            options={eventKinds()}
            onChange={(chosen) => change({ kinds: chosen.map(({ value }) => value) })}
          />
        </InlineField>
      </InlineFieldRow>
      <FiltersEditor datasource={datasource} filters={query.filters} onChange={(filters) => change({ filters })} />
    </>
  );
};

function eventsOf(saved: TidemarkQuery | undefined): EventsQuery {
  const query = saved === undefined ? undefined : migrateQuery(saved);
  return query?.queryType === 'events' ? query : { refId: 'Anno', ...defaultQueries.events };
}

// Grafana's type knows no data source in particular, and hands the editor ours.
export const AnnotationEditor = translated(Editor) as unknown as AnnotationSupport<TidemarkQuery>['QueryEditor'];
