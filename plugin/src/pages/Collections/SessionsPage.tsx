import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { Button, Combobox, Stack, type Column as TableColumn } from '@grafana/ui';
import React, { useMemo, useState } from 'react';

import { CsvButton } from '../../components/CsvButton';
import { column, DataTable, figureColumn, linkColumn, momentColumn } from '../../components/DataTable';
import { Column, Toolbar } from '../../components/Layout';
import { QueryStates } from '../../components/QueryStates';
import { Empty } from '../../components/States';
import { scopeText, triggerText } from '../../components/runTexts';
import { StatusBadge, statusText } from '../../components/StatusBadge';
import type { Session, SessionStatus, SessionsQuery } from '../../data';
import { usePermissions, useSessions } from '../../data/hooks';
import { formatCount, formatMoment, formatSeconds } from '../../format';
import { oneOf, wholeNumber } from '../../hooks/urlCodecs';
import { useUrlState } from '../../hooks/useUrlState';
import { links } from '../../links';
import { Jobs } from './Jobs';
import { RunModal } from './RunModal';

const statuses = ['running', 'succeeded', 'partial', 'failed', 'interrupted', 'cancelled'] as const;
const codecs = { status: oneOf(['', ...statuses] as const, ''), offset: wholeNumber(0) };
const limit = 30;

/** Runs over the fleet, the newest first; the way to start one. */
export const SessionsPage = () => {
  const [{ status, offset }, change] = useUrlState(codecs);
  const [isAsking, setAsking] = useState(false);
  const { canRun } = usePermissions();
  const filter: SessionsQuery = status === '' ? {} : { status: status as SessionStatus };
  const query = useSessions({ ...filter, limit, offset });
  const columns = useMemo(sessionColumns, []);
  return (
    <PluginPage
      actions={
        canRun && (
          <Button icon="play" onClick={() => setAsking(true)}>
            {t('collections.run', 'Run now')}
          </Button>
        )
      }
    >
      <Column>
        <Jobs />
        <Toolbar>
          <Combobox
            width={24}
            isClearable
            aria-label={t('column.status', 'Status')}
            placeholder={t('column.status', 'Status')}
            value={status === '' ? null : status}
            options={statuses.map((value) => ({ value, label: statusText(value) }))}
            onChange={(option) => change({ status: option?.value ?? '', offset: 0 })}
          />
          <CsvButton path="/collections" query={{ ...filter }} fileName="tidemark-collections.csv" />
        </Toolbar>
        <QueryStates
          query={query}
          isEmpty={({ data }) => data.length === 0}
          empty={
            <Empty message={t('collections.none', 'No collection has run yet')}>
              {t('collections.none-hint', 'The schedule starts one every night; an administrator can start one now.')}
            </Empty>
          }
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
      </Column>
      {isAsking && <RunModal onClose={() => setAsking(false)} />}
    </PluginPage>
  );
};

function sessionColumns(): TableColumn<Session>[] {
  return [
    linkColumn(
      { id: 'id', header: t('column.collection', 'Collection') },
      (row) => `#${row.id}`,
      (row) => links.collection(row.id),
    ),
    column({ id: 'status', header: t('column.status', 'Status') }, (row) => <StatusBadge status={row.status} />),
    column({ id: 'trigger', header: t('column.trigger', 'Started by') }, (row) => (
      <Stack direction="column" gap={0}>
        <span>{triggerText(row.trigger)}</span>
        {row.requested_by !== null && <span>{row.requested_by}</span>}
      </Stack>
    )),
    column({ id: 'scope', header: t('column.scope', 'Covers') }, (row) => scopeText(row)),
    momentColumn({ id: 'started', header: t('column.started', 'Started') }, (row) => formatMoment(row.started_at)),
    figureColumn({ id: 'duration', header: t('column.duration', 'Duration') }, (row) =>
      formatSeconds(row.duration_seconds),
    ),
    figureColumn({ id: 'succeeded', header: t('status.succeeded', 'Succeeded') }, (row) =>
      formatCount(row.instances.succeeded),
    ),
    figureColumn({ id: 'partial', header: t('status.partial', 'Partial') }, (row) =>
      formatCount(row.instances.partial),
    ),
    figureColumn({ id: 'failed', header: t('status.failed', 'Failed') }, (row) => formatCount(row.instances.failed)),
    figureColumn({ id: 'databases', header: t('column.databases', 'Databases') }, (row) =>
      formatCount(row.databases_measured),
    ),
    figureColumn({ id: 'unmeasured', header: t('column.unmeasured', 'Not measured') }, (row) =>
      formatCount(row.databases_failed),
    ),
  ];
}
