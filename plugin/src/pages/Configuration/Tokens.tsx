import { t } from '@grafana/i18n';
import { Badge, Button, ConfirmModal, type Column } from '@grafana/ui';
import React, { useMemo, useState } from 'react';

import { column, DataTable, momentColumn } from '../../components/DataTable';
import { QueryStates } from '../../components/QueryStates';
import { Section } from '../../components/Section';
import { Failure } from '../../components/States';
import type { Token } from '../../data';
import { useRevokeToken, useTokens } from '../../data/hooks';
import { formatAgo, formatMoment, plain } from '../../format';
import { AdminOnly } from './AdminOnly';
import { NewTokenModal } from './NewTokenModal';

/** Who may use the API. For admins. */
export const Tokens = () => (
  <AdminOnly otherwise={t('tokens.not-admin', 'Tokens are for administrators with an admin token')}>
    <TokenList />
  </AdminOnly>
);

const TokenList = () => {
  const query = useTokens();
  const revoke = useRevokeToken();
  const [isMaking, setMaking] = useState(false);
  const [revoked, setRevoked] = useState<Token | null>(null);
  const columns = useMemo(() => tokenColumns(setRevoked), []);
  return (
    <Section
      title={t('tokens.title', 'Tokens')}
      description={t('tokens.hint', 'For scripts, other Grafana servers and teams. A secret is shown once.')}
      actions={
        <Button size="sm" icon="plus" onClick={() => setMaking(true)}>
          {t('tokens.new', 'New token')}
        </Button>
      }
    >
      {revoke.error !== null && <Failure error={revoke.error} />}
      <QueryStates query={query}>
        {({ data }) => <DataTable columns={columns} rows={data} rowId={(row) => String(row.id)} />}
      </QueryStates>
      {isMaking && <NewTokenModal onClose={() => setMaking(false)} />}
      {revoked !== null && (
        <ConfirmModal
          isOpen
          title={t('tokens.revoke-title', 'Revoke token')}
          body={t('tokens.revoke-body', 'Whoever uses {{name}} is refused from now on.', plain({ name: revoked.name }))}
          confirmText={t('tokens.revoke', 'Revoke')}
          onConfirm={() => {
            revoke.mutate(revoked.id);
            setRevoked(null);
          }}
          onDismiss={() => setRevoked(null)}
        />
      )}
    </Section>
  );
};

function tokenColumns(onRevoke: (token: Token) => void): Column<Token>[] {
  return [
    column({ id: 'name', header: t('column.name', 'Name') }, (row) => row.name),
    column({ id: 'role', header: t('column.role', 'Role') }, (row) => row.role),
    column({ id: 'owner', header: t('column.owner', 'Owner') }, (row) => row.owner ?? ''),
    momentColumn({ id: 'created', header: t('column.created', 'Created') }, (row) => formatMoment(row.created_at)),
    column({ id: 'by', header: t('column.by', 'By') }, (row) => row.created_by ?? ''),
    momentColumn({ id: 'expires', header: t('column.expires', 'Expires') }, (row) => formatMoment(row.expires_at)),
    momentColumn({ id: 'used', header: t('column.last-used', 'Last used') }, (row) => formatAgo(row.last_used_at)),
    column({ id: 'actions', header: '' }, (row) =>
      row.revoked_at === null ? (
        <Button
          size="sm"
          variant="destructive"
          fill="text"
          aria-label={t('tokens.revoke-one', 'Revoke {{name}}', plain({ name: row.name }))}
          onClick={() => onRevoke(row)}
        >
          {t('tokens.revoke', 'Revoke')}
        </Button>
      ) : (
        <Badge color="darkgrey" text={t('tokens.revoked', 'Revoked')} />
      ),
    ),
  ];
}
