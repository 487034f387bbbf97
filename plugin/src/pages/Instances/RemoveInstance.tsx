import { t } from '@grafana/i18n';
import { ConfirmModal, Stack } from '@grafana/ui';
import React from 'react';

import { Failure } from '../../components/States';
import type { Instance } from '../../data';
import { useDeleteInstance } from '../../data/hooks';
import { plain } from '../../format';

/** Asks before an instance goes with all of its history. */
export const RemoveInstance = ({
  instance,
  onClose,
}: {
  readonly instance: Instance;
  readonly onClose: () => void;
}) => {
  const remove = useDeleteInstance();
  return (
    <ConfirmModal
      isOpen
      title={t('instances.remove-title', 'Remove instance')}
      body={
        <Stack direction="column" gap={1}>
          {t(
            'instances.remove-body',
            'All measurements and statistics of {{name}} go with it and cannot be brought back. To keep them, make the instance inactive instead.',
            plain({ name: instance.name }),
          )}
          {remove.error !== null && <Failure error={remove.error} />}
        </Stack>
      }
      confirmationText={instance.name}
      confirmText={t('instances.remove-confirm', 'Remove')}
      onConfirm={async () => {
        await remove.mutateAsync(instance.id).then(onClose, () => undefined);
      }}
      onDismiss={onClose}
    />
  );
};
