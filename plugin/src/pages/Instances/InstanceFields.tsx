import { t } from '@grafana/i18n';
import { Checkbox, Combobox, Field, Input, Stack, TagsInput } from '@grafana/ui';
import React, { useId } from 'react';

import { engineName } from '../../components/engines';
import { useEngines } from '../../data/hooks';
import type { InstanceForm } from './form';
import { TlsFields } from './TlsFields';

export interface FieldsProps {
  readonly form: InstanceForm;
  readonly isDisabled: boolean;
  readonly onChange: (changes: Partial<InstanceForm>) => void;
}

interface InstanceFieldsProps extends FieldsProps {
  readonly isNew: boolean;
  /** Fields that are missing or wrong. */
  readonly wrong: readonly (keyof InstanceForm)[];
}

type TextField = { [Name in keyof InstanceForm]: InstanceForm[Name] extends string ? Name : never }[keyof InstanceForm];

/** Where the server is, who logs in, what is measured. */
export const InstanceFields = ({ form, isDisabled, isNew, wrong, onChange }: InstanceFieldsProps) => {
  const id = useId();
  const engines = useEngines().data ?? [];
  const engine = engines.find((one) => one.engine === form.engine);
  const text = (
    field: TextField,
    label: string,
    description: string,
    { placeholder, required = false, type = 'text' }: { placeholder?: string; required?: boolean; type?: string } = {},
  ) => (
    <Field
      noMargin
      label={label}
      description={description}
      htmlFor={`${id}-${field}`}
      required={required}
      disabled={isDisabled}
      invalid={wrong.includes(field)}
      error={t('instance-form.wrong', 'Expected a value here')}
    >
      <Input
        id={`${id}-${field}`}
        type={type}
        autoComplete="off"
        value={form[field]}
        {...(placeholder === undefined ? {} : { placeholder })}
        onChange={({ currentTarget }) => onChange({ [field]: currentTarget.value })}
      />
    </Field>
  );
  const tags = (field: 'labels' | 'include' | 'exclude', label: string, description: string, placeholder: string) => (
    <Field
      noMargin
      label={label}
      description={description}
      htmlFor={`${id}-${field}`}
      disabled={isDisabled}
      invalid={wrong.includes(field)}
      error={t('instance-form.wrong-label', 'Expected key=value')}
    >
      <TagsInput
        id={`${id}-${field}`}
        addOnBlur
        maxLength={255}
        placeholder={placeholder}
        tags={form[field]}
        onChange={(value) => onChange({ [field]: value })}
      />
    </Field>
  );
  return (
    <Stack direction="column" gap={2}>
      {text('name', t('field.name', 'Name'), t('field.name-hint', 'How it is called here; unique.'), {
        required: true,
      })}
      <Field noMargin label={t('field.engine', 'Engine')} htmlFor={`${id}-engine`} disabled={isDisabled || !isNew}>
        <Combobox
          id={`${id}-engine`}
          value={form.engine}
          disabled={isDisabled || !isNew}
          options={engines.map((one) => ({
            value: one.engine,
            label: engineName(one.engine),
            description: one.versions,
          }))}
          onChange={(option) => onChange({ engine: option.value })}
        />
      </Field>
      {text('host', t('field.host', 'Host'), t('field.host-hint', 'A name or an address that the exporter reaches.'), {
        required: true,
      })}
      {text('port', t('field.port', 'Port'), t('field.port-hint', 'The usual one of the engine unless said.'), {
        placeholder: engine === undefined ? '' : String(engine.default_port),
      })}
      {text(
        'database',
        form.engine === 'oracle' ? t('field.service', 'Service name') : t('field.database', 'Database to connect to'),
        t('field.database-hint', 'Only to log in: all databases of the server are measured.'),
        { placeholder: engine?.default_database ?? '' },
      )}
      {text(
        'username',
        t('field.username', 'User name'),
        t('field.username-hint', 'A login that may only read sizes.'),
        {
          required: isNew,
        },
      )}
      {text(
        'password',
        t('field.password', 'Password'),
        isNew
          ? t('field.password-hint', 'Kept encrypted, never shown again.')
          : t('field.password-kept', 'Empty keeps the one that is stored.'),
        { type: 'password' },
      )}
      {text(
        'secretReference',
        t('field.reference', 'Or a reference to the password'),
        t('field.reference-hint', 'env:NAME or file:PATH on the exporter; then nothing secret is stored.'),
      )}
      {text(
        'owner',
        t('field.owner', 'Owner'),
        t('field.owner-hint', 'The team; tokens of that owner see the instance.'),
      )}
      {tags(
        'labels',
        t('field.labels', 'Labels'),
        t('field.labels-hint', 'To filter and group by.'),
        'environment=production',
      )}
      {tags('include', t('field.include', 'Databases'), t('field.include-hint', 'Patterns of names; * for all.'), '*')}
      {tags(
        'exclude',
        t('field.exclude', 'Except'),
        t('field.exclude-hint', 'Patterns of names that are left out.'),
        '*_tmp',
      )}
      {text(
        'quietHours',
        t('field.quiet-hours', 'Quiet hours'),
        t('field.quiet-hours-hint', 'Times of day without measuring, in the time zone of the exporter: 08:00-18:00'),
      )}
      <TlsFields form={form} isDisabled={isDisabled} onChange={onChange} />
      <Checkbox
        label={t('field.estimate', 'Estimate where measuring takes too long')}
        description={t('field.estimate-hint', 'From the statistics of the server; marked as an estimate.')}
        disabled={isDisabled}
        value={form.estimateOnTimeout}
        onChange={({ currentTarget }) => onChange({ estimateOnTimeout: currentTarget.checked })}
      />
      <Checkbox
        label={t('field.active', 'Active')}
        description={t('field.active-hint', 'An inactive instance is not measured; its history stays.')}
        disabled={isDisabled}
        value={form.active}
        onChange={({ currentTarget }) => onChange({ active: currentTarget.checked })}
      />
    </Stack>
  );
};
