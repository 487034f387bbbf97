import { t } from '@grafana/i18n';
import type { Column } from '@grafana/ui';
import React, { useMemo } from 'react';

import { CsvButton } from '../../components/CsvButton';
import { column, DataTable, momentColumn } from '../../components/DataTable';
import { QueryStates } from '../../components/QueryStates';
import { Section } from '../../components/Section';
import { Empty } from '../../components/States';
import type { AuditEntry } from '../../data';
import { useAudit } from '../../data/hooks';
import { formatMoment } from '../../format';
import { wholeNumber } from '../../hooks/urlCodecs';
import { useUrlState } from '../../hooks/useUrlState';
import { AdminOnly } from './AdminOnly';

const codecs = { offset: wholeNumber(0) };
const limit = 50;

/** Who changed what, the newest first. For admins. */
export const AuditLog = () => (
  <AdminOnly otherwise={t('audit.not-admin', 'Changes are shown to administrators with an admin token')}>
    <AuditTable />
  </AdminOnly>
);

const AuditTable = () => {
  const [{ offset }, change] = useUrlState(codecs);
  const query = useAudit({ limit, offset });
  const columns = useMemo(auditColumns, []);
  return (
    <Section
      title={t('audit.title', 'Who changed what')}
      actions={<CsvButton path="/audit" fileName="tidemark-audit.csv" />}
    >
      <QueryStates
        query={query}
        isEmpty={({ data }) => data.length === 0}
        empty={<Empty message={t('audit.empty', 'Nothing has been changed yet')} />}
      >
        {({ data, page }) => (
          <DataTable
            columns={columns}
            rows={data}
            rowId={(row) => String(row.id)}
            paging={{ ...page, onOffset: (value) => change({ offset: value }) }}
          />
        )}
      </QueryStates>
    </Section>
  );
};

function auditColumns(): Column<AuditEntry>[] {
  return [
    momentColumn({ id: 'at', header: t('column.when', 'When') }, (row) => formatMoment(row.at)),
    column({ id: 'actor', header: t('column.who', 'Who') }, (row) => `${row.actor} (${row.role})`),
    column({ id: 'action', header: t('column.action', 'Action') }, (row) => row.action),
    column({ id: 'object', header: t('column.object', 'What') }, (row) =>
      `${row.object_type} ${row.object_name ?? row.object_id ?? ''}`.trim(),
    ),
    column({ id: 'changes', header: t('column.changes', 'Changes') }, (row) => changesText(row)),
  ];
}

/** `owner: "a" → "b"; active: true → false`; a setting without a value of its own has the standard one. */
export function changesText({ changes, object_type: type }: Pick<AuditEntry, 'changes' | 'object_type'>): string {
  const none = type === 'setting' ? t('audit.standard', 'standard') : 'null';
  const text = (value: unknown) => (value === undefined || value === null ? none : JSON.stringify(value));
  return Object.entries(changes)
    .map(([field, [before, after]]) => `${field}: ${text(before)} → ${text(after)}`)
    .join('; ');
}
