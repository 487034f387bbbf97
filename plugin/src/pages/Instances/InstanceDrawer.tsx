import { t } from '@grafana/i18n';
import { Alert, Button, Drawer, Stack } from '@grafana/ui';
import React, { useState } from 'react';

import { Failure } from '../../components/States';
import type { Instance } from '../../data';
import { useChangeInstance, useCreateInstance, useTestInstance } from '../../data/hooks';
import { formOf, inputOf, missingFields, testSubject } from './form';
import { Grants } from './Grants';
import { InstanceFields } from './InstanceFields';
import { TestResult } from './TestResult';

interface InstanceDrawerProps {
  /** Null for a new one. */
  readonly instance: Instance | null;
  readonly onClose: () => void;
}

/** The settings of an instance: to fill in, try and save. Those of the configuration file are only shown. */
export const InstanceDrawer = ({ instance, onClose }: InstanceDrawerProps) => {
  const [form, setForm] = useState(() => formOf(instance));
  const [wasSent, setSent] = useState(false);
  const [isPasswordNeeded, setPasswordNeeded] = useState(false);
  const create = useCreateInstance();
  const update = useChangeInstance();
  const test = useTestInstance();
  const isNew = instance === null;
  const isFixed = instance !== null && instance.source !== 'user';
  const missing = missingFields(form, isNew);
  const failure = create.error ?? update.error;

  const save = async () => {
    setSent(true);
    if (missing.length > 0) return;
    const input = inputOf(form, isNew);
    const saving = isNew ? create.mutateAsync(input) : update.mutateAsync({ id: instance.id, changes: input });
    await saving.then(onClose, () => undefined);
  };
  const tryOut = () => {
    setSent(true);
    if (missing.length > 0 && !isFixed) return;
    const subject = isFixed ? 'saved' : testSubject(form, instance);
    setPasswordNeeded(subject === 'password-needed');
    if (subject === 'saved' && instance !== null) test.mutate(instance.id);
    if (subject === 'typed') test.mutate(inputOf(form, isNew));
    if (subject === 'password-needed') test.reset();
  };

  return (
    <Drawer
      size="md"
      title={isNew ? t('instance-form.new', 'Add instance') : instance.name}
      subtitle={t('instance-form.subtitle', 'A database server, and the login that measures it')}
      onClose={onClose}
    >
      <Stack direction="column" gap={2}>
        {isFixed && (
          <Alert severity="info" title={t('instance-form.provisioned', 'This instance is provisioned')}>
            {instance.source === 'file'
              ? t(
                  'instance-form.provisioned-file',
                  'It comes from tidemark.yaml: change it there and restart the exporter.',
                )
              : t(
                  'instance-form.provisioned-embedded',
                  'It is the repository that came with the exporter, or a demonstration.',
                )}
          </Alert>
        )}
        <InstanceFields
          form={form}
          isDisabled={isFixed}
          isNew={isNew}
          wrong={wasSent ? missing : []}
          onChange={(changes) => setForm((before) => ({ ...before, ...changes }))}
        />
        <Grants engine={form.engine} />
        {failure !== null && <Failure error={failure} />}
        {isPasswordNeeded && (
          <Alert
            severity="info"
            title={t('instance-form.password-needed', 'Enter the password to test what you have changed')}
          >
            {t('instance-form.password-needed-hint', 'The stored one is only sent to the server that is saved.')}
          </Alert>
        )}
        <TestResult test={test} />
        <Stack gap={1}>
          {!isFixed && (
            <Button onClick={() => void save()} disabled={create.isPending || update.isPending}>
              {t('instance-form.save', 'Save')}
            </Button>
          )}
          <Button
            variant="secondary"
            icon={test.isPending ? 'spinner' : 'plug'}
            disabled={test.isPending}
            onClick={tryOut}
          >
            {t('instance-form.test', 'Test connection')}
          </Button>
          <Button variant="secondary" fill="text" onClick={onClose}>
            {t('instance-form.cancel', 'Cancel')}
          </Button>
        </Stack>
      </Stack>
    </Drawer>
  );
};
