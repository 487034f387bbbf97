import { t } from '@grafana/i18n';
import { Combobox, Field, Input, Stack } from '@grafana/ui';
import React, { useId } from 'react';

import type { FieldsProps } from './InstanceFields';

const files = ['tlsCa', 'tlsCert', 'tlsKey', 'tlsServerName'] as const;

/** How the connection is encrypted. */
export const TlsFields = ({ form, isDisabled, onChange }: FieldsProps) => {
  const id = useId();
  const labels = {
    tlsCa: t('field.tls-ca', 'CA certificate (file on the exporter)'),
    tlsCert: t('field.tls-cert', 'Client certificate (file on the exporter)'),
    tlsKey: t('field.tls-key', 'Key of the client certificate (file on the exporter)'),
    tlsServerName: t('field.tls-name', 'Name in the certificate of the server'),
  };
  return (
    <Stack direction="column" gap={2}>
      <Field noMargin label={t('field.tls', 'Encryption')} htmlFor={`${id}-mode`} disabled={isDisabled}>
        <Combobox
          id={`${id}-mode`}
          value={form.tlsMode}
          disabled={isDisabled}
          options={[
            { value: 'disable', label: 'disable', description: t('tls.disable', 'Never encrypted') },
            { value: 'prefer', label: 'prefer', description: t('tls.prefer', 'Encrypted where the server can') },
            { value: 'require', label: 'require', description: t('tls.require', 'Never without; any certificate') },
            {
              value: 'verify-full',
              label: 'verify-full',
              description: t('tls.verify', 'Certificate and name are checked'),
            },
          ]}
          onChange={(option) => onChange({ tlsMode: option.value })}
        />
      </Field>
      {form.tlsMode !== 'disable' &&
        files.map((field) => (
          <Field key={field} noMargin label={labels[field]} htmlFor={`${id}-${field}`} disabled={isDisabled}>
            <Input
              id={`${id}-${field}`}
              value={form[field]}
              onChange={({ currentTarget }) => onChange({ [field]: currentTarget.value })}
            />
          </Field>
        ))}
    </Stack>
  );
};
