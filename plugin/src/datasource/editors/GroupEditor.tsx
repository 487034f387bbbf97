import { t } from '@grafana/i18n';
import { Combobox, InlineField, type ComboboxOption } from '@grafana/ui';
import React, { useId } from 'react';

import type { TidemarkDataSource } from '../DataSource';
import { Choice } from './Choice';
import { labelKeys } from './options';

interface GroupEditorProps<Group extends string> {
  readonly datasource: TidemarkDataSource;
  readonly groupBy: Group;
  readonly groupLabel: string | undefined;
  readonly options: ComboboxOption<Group>[];
  readonly onChange: (group: { groupBy: Group; groupLabel?: string }) => void;
}

/** What sizes are added up over, and which label where that is a label. */
export function GroupEditor<Group extends string>({
  datasource,
  groupBy,
  groupLabel,
  options,
  onChange,
}: GroupEditorProps<Group>) {
  return (
    <>
      <Choice
        label={t('editor.group-by', 'Group by')}
        value={groupBy}
        options={options}
        onChange={(value) => onChange({ groupBy: value, groupLabel: value === 'label' ? groupLabel : undefined })}
      />
      {groupBy === 'label' && (
        <LabelKey
          datasource={datasource}
          value={groupLabel ?? ''}
          onChange={(key) => onChange({ groupBy, groupLabel: key })}
        />
      )}
    </>
  );
}

interface LabelKeyProps {
  readonly datasource: TidemarkDataSource;
  readonly value: string;
  readonly onChange: (key: string) => void;
}

export const LabelKey = ({ datasource, value, onChange }: LabelKeyProps) => {
  const id = useId();
  const label = t('editor.label-key', 'Label');
  return (
    <InlineField label={label} labelWidth={14} htmlFor={id}>
      <Combobox
        id={id}
        aria-label={label}
        width={32}
        createCustomValue
        placeholder={t('editor.label-key-placeholder', 'Choose a label')}
        value={value === '' ? null : value}
        options={() => labelKeys(datasource)}
        onChange={(option) => onChange(option.value)}
      />
    </InlineField>
  );
};
