import { t } from '@grafana/i18n';
import { LinkButton, Stack, TextLink } from '@grafana/ui';
import React, { useMemo } from 'react';

import { column, DataTable, linkColumn } from '../../components/DataTable';
import { QueryStates } from '../../components/QueryStates';
import { Section } from '../../components/Section';
import { Empty } from '../../components/States';
import { StatusBadge } from '../../components/StatusBadge';
import type { CollectionRecord, Session } from '../../data';
import { isUnderWay, useRecords, useSessions } from '../../data/hooks';
import { formatAgo, formatCount } from '../../format';
import { links } from '../../links';

/** What became of the last run: failed instances first, with what to do. */
export const LastNight = () => {
  const query = useSessions({ limit: 1 });
  return (
    <Section
      title={t('overview.last-run', 'Last collection')}
      actions={
        <LinkButton size="sm" variant="secondary" fill="text" href={links.collections()}>
          {t('overview.all-runs', 'All collections')}
        </LinkButton>
      }
    >
      <QueryStates
        query={query}
        isEmpty={({ data }) => data.length === 0}
        empty={<Empty message={t('collections.none', 'No collection has run yet')} />}
      >
        {({ data: [session] }) => session !== undefined && <Outcome session={session} />}
      </QueryStates>
    </Section>
  );
};

const Outcome = ({ session }: { readonly session: Session }) => {
  const { failed, partial, succeeded } = session.instances;
  return (
    <Stack direction="column" gap={1}>
      <Stack alignItems="center" gap={1} wrap="wrap">
        <StatusBadge status={session.status} />
        <TextLink href={links.collection(session.id)}>{formatAgo(session.finished_at ?? session.started_at)}</TextLink>
        <span>
          {t('overview.outcome', '{{succeeded}} instances measured, {{partial}} in part, {{failed}} failed', {
            succeeded: formatCount(succeeded),
            partial: formatCount(partial),
            failed: formatCount(failed),
          })}
        </span>
      </Stack>
      {failed + partial > 0 && <Troubled sessionId={session.id} isLive={isUnderWay(session)} />}
    </Stack>
  );
};

const troubled = (record: CollectionRecord) => record.status === 'failed' || record.status === 'partial';

interface TroubledProps {
  readonly sessionId: Session['id'];
  readonly isLive: boolean;
}

const Troubled = ({ sessionId, isLive }: TroubledProps) => {
  const query = useRecords(sessionId, { limit: 50 }, isLive);
  const columns = useMemo(
    () => [
      column<CollectionRecord>({ id: 'status', header: t('column.status', 'Status') }, (row) => (
        <StatusBadge status={row.status} />
      )),
      linkColumn<CollectionRecord>(
        { id: 'instance', header: t('column.instance', 'Instance') },
        (row) => row.instance,
        (row) => links.instance(row.instance_id, 'collections'),
      ),
      column<CollectionRecord>({ id: 'message', header: t('column.remedy', 'Reason and remedy') }, messageOf),
    ],
    [],
  );
  return (
    <QueryStates query={query}>
      {({ data }) => (
        <DataTable columns={columns} rows={data.filter(troubled)} rowId={(row) => String(row.instance_id)} />
      )}
    </QueryStates>
  );
};

function messageOf({ error_message: message, failures }: CollectionRecord): string {
  if (message !== null) return message;
  return failures
    .map(({ database, message: reason }) => (database === null ? reason : `${database}: ${reason}`))
    .join('; ');
}
