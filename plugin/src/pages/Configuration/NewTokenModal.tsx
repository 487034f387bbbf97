import { dateTime } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Alert, Button, ClipboardButton, Combobox, Field, Input, Modal, Stack } from '@grafana/ui';
import React, { useId, useState } from 'react';

import { Failure } from '../../components/States';
import type { Token } from '../../data';
import { useCreateToken, useFacets } from '../../data/hooks';

const lifetimes = [30, 90, 365] as const;

/** Makes a token and shows its secret, which is never shown again. */
export const NewTokenModal = ({ onClose }: { readonly onClose: () => void }) => {
  const create = useCreateToken();
  return (
    <Modal isOpen title={t('tokens.new', 'New token')} onDismiss={onClose}>
      {create.data === undefined ? (
        <TokenForm create={create} onClose={onClose} />
      ) : (
        <Secret secret={create.data.secret} onClose={onClose} />
      )}
    </Modal>
  );
};

const TokenForm = ({
  create,
  onClose,
}: {
  readonly create: ReturnType<typeof useCreateToken>;
  readonly onClose: () => void;
}) => {
  const id = useId();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Token['role']>('viewer');
  const [owner, setOwner] = useState('');
  const [days, setDays] = useState<number | null>(365);
  const owners = (useFacets().data?.owners ?? []).flatMap(({ value }) => (value === null ? [] : [{ value }]));
  const isIncomplete = name.trim() === '' || (role === 'owner' && owner === '');
  const make = () =>
    create.mutate({
      name: name.trim(),
      role,
      ...(role === 'owner' ? { owner } : {}),
      ...(days === null ? {} : { expires_at: dateTime().add(days, 'days').toISOString() }),
    });
  return (
    <Stack direction="column" gap={2}>
      <Field noMargin required label={t('column.name', 'Name')} htmlFor={`${id}-name`}>
        <Input id={`${id}-name`} value={name} onChange={({ currentTarget }) => setName(currentTarget.value)} />
      </Field>
      <Field noMargin label={t('column.role', 'Role')} htmlFor={`${id}-role`}>
        <Combobox<Token['role']>
          id={`${id}-role`}
          value={role}
          options={[
            { value: 'viewer', label: 'viewer', description: t('role.viewer', 'Reads everything') },
            { value: 'owner', label: 'owner', description: t('role.owner', 'Reads and measures what an owner has') },
            { value: 'admin', label: 'admin', description: t('role.admin', 'Changes everything') },
          ]}
          onChange={(option) => setRole(option.value)}
        />
      </Field>
      {role === 'owner' && (
        <Field noMargin required label={t('column.owner', 'Owner')} htmlFor={`${id}-owner`}>
          <Combobox
            id={`${id}-owner`}
            createCustomValue
            value={owner === '' ? null : owner}
            options={owners}
            onChange={(option) => setOwner(option.value)}
          />
        </Field>
      )}
      <Field noMargin label={t('tokens.lifetime', 'Expires after')} htmlFor={`${id}-days`}>
        <Combobox
          id={`${id}-days`}
          isClearable
          placeholder={t('tokens.forever', 'Never')}
          value={days}
          options={lifetimes.map((value) => ({ value, label: t('filters.days', '{{days}} days', { days: value }) }))}
          onChange={(option) => setDays(option?.value ?? null)}
        />
      </Field>
      {create.error !== null && <Failure error={create.error} />}
      <Modal.ButtonRow>
        <Button variant="secondary" fill="outline" onClick={onClose}>
          {t('tokens.cancel', 'Cancel')}
        </Button>
        <Button disabled={isIncomplete || create.isPending} onClick={make}>
          {t('tokens.create', 'Create')}
        </Button>
      </Modal.ButtonRow>
    </Stack>
  );
};

const Secret = ({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) => (
  <Stack direction="column" gap={2}>
    <Alert severity="warning" title={t('tokens.once', 'Copy it now: it is not shown again')} />
    <code>{secret}</code>
    <Modal.ButtonRow>
      <ClipboardButton icon="copy" variant="secondary" getText={() => secret}>
        {t('tokens.copy', 'Copy')}
      </ClipboardButton>
      <Button onClick={onClose}>{t('tokens.done', 'Done')}</Button>
    </Modal.ButtonRow>
  </Stack>
);
