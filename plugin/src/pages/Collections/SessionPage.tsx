import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { Button, Combobox } from '@grafana/ui';
import React from 'react';

import { CsvButton } from '../../components/CsvButton';
import { Column, Toolbar } from '../../components/Layout';
import { QueryStates } from '../../components/QueryStates';
import { RecordsTable } from '../../components/RecordsTable';
import { Section } from '../../components/Section';
import { Stat, Stats } from '../../components/Stat';
import { Empty, Failure } from '../../components/States';
import { scopeText, triggerText } from '../../components/runTexts';
import { StatusBadge, statusText } from '../../components/StatusBadge';
import type { RecordStatus, RecordsQuery, Session } from '../../data';
import { isUnderWay, useCancelCollection, usePermissions, useRecords, useSession } from '../../data/hooks';
import { formatCount, formatMoment, formatSeconds, plain } from '../../format';
import { oneOf, wholeNumber } from '../../hooks/urlCodecs';
import { useUrlState } from '../../hooks/useUrlState';
import { links } from '../../links';
import { Progress } from './Progress';

const statuses = [
  'queued',
  'running',
  'succeeded',
  'partial',
  'failed',
  'skipped',
  'interrupted',
  'cancelled',
] as const;
const codecs = { status: oneOf(['', ...statuses] as const, ''), offset: wholeNumber(0) };
const limit = 50;

/** One run: how far it is, and what became of each instance. */
export const SessionPage = ({ sessionId }: { readonly sessionId: string }) => {
  const query = useSession(sessionId);
  const isLive = query.data !== undefined && isUnderWay(query.data);
  return (
    <PluginPage
      pageNav={{
        text: t('session.title', 'Collection {{id}}', plain({ id: sessionId })),
        parentItem: { text: t('collections.title', 'Collections'), url: links.collections() },
      }}
      actions={query.data !== undefined && isLive && <CancelButton session={query.data} />}
    >
      <QueryStates query={query}>
        {(session) => (
          <Column>
            <Summary session={session} />
            {isLive && <Progress session={session} />}
            <Records sessionId={sessionId} isLive={isLive} />
          </Column>
        )}
      </QueryStates>
    </PluginPage>
  );
};

const Summary = ({ session }: { readonly session: Session }) => (
  <Stats>
    <Stat label={t('column.status', 'Status')} value={<StatusBadge status={session.status} />} />
    <Stat
      label={t('column.trigger', 'Started by')}
      value={session.requested_by ?? triggerText(session.trigger)}
      note={scopeText(session)}
    />
    <Stat
      label={t('column.duration', 'Duration')}
      value={formatSeconds(session.duration_seconds)}
      note={formatMoment(session.started_at)}
    />
    <Stat
      label={t('session.instances', 'Instances measured')}
      value={formatCount(session.instances.succeeded + session.instances.partial)}
      note={t('session.failed', '{{failed}} failed', { failed: formatCount(session.instances.failed) })}
    />
    <Stat
      label={t('session.databases', 'Databases measured')}
      value={formatCount(session.databases_measured)}
      note={t('session.unmeasured', '{{failed}} not measured', { failed: formatCount(session.databases_failed) })}
    />
  </Stats>
);

const CancelButton = ({ session }: { readonly session: Session }) => {
  const { canRun } = usePermissions();
  const cancel = useCancelCollection();
  if (!canRun) return null;
  if (cancel.error !== null) return <Failure error={cancel.error} />;
  const isAsked = session.cancel_requested_at !== null;
  return (
    <Button
      variant="destructive"
      icon="ban"
      disabled={isAsked || cancel.isPending}
      onClick={() => cancel.mutate(session.id)}
    >
      {isAsked ? t('session.cancelling', 'Ending …') : t('session.cancel', 'Cancel')}
    </Button>
  );
};

const Records = ({ sessionId, isLive }: { readonly sessionId: string; readonly isLive: boolean }) => {
  const [{ status, offset }, change] = useUrlState(codecs);
  const filter: RecordsQuery = status === '' ? {} : { status: status as RecordStatus };
  const query = useRecords(sessionId, { ...filter, limit, offset }, isLive);
  return (
    <Section
      title={t('session.records', 'Instances')}
      actions={
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
          <CsvButton
            path={`/collections/${sessionId}/records`}
            query={{ ...filter }}
            fileName={`tidemark-collection-${sessionId}.csv`}
          />
        </Toolbar>
      }
    >
      <QueryStates
        query={query}
        isEmpty={({ data }) => data.length === 0}
        empty={<Empty message={t('session.no-records', 'No instances in this filter')} />}
      >
        {({ data, page }) => (
          <RecordsTable
            by="instance"
            rows={data}
            paging={{ ...page, onOffset: (value) => change({ offset: value }) }}
          />
        )}
      </QueryStates>
    </Section>
  );
};
