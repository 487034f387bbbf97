import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Field, Input, Switch, useStyles2 } from '@grafana/ui';
import React, { useId } from 'react';

import type { Setting, SettingValue } from '../../data';
import { formatMoment, plain } from '../../format';
import { settingTexts, settingValueText } from './settingTexts';

interface SettingFieldProps {
  readonly setting: Setting;
  /** Empty while it is being typed. */
  readonly value: SettingValue;
  readonly isDisabled: boolean;
  readonly onChange: (value: SettingValue) => void;
}

/** One setting: what it does, where its value comes from, who changed it, and what the documentation calls it. */
export const SettingField = ({ setting, value, isDisabled, onChange }: SettingFieldProps) => {
  const id = useId();
  const styles = useStyles2(getStyles);
  const { label, description, unit } = settingTexts(setting);
  const limits = {
    ...(setting.minimum === undefined ? {} : { min: setting.minimum }),
    ...(setting.maximum === undefined ? {} : { max: setting.maximum }),
  };
  return (
    <Field
      noMargin
      label={label}
      description={
        <>
          {`${description} ${originText(setting)} `}
          <span className={styles.name}>{setting.name}</span>
        </>
      }
      htmlFor={id}
      disabled={isDisabled}
      invalid={value === ''}
      error={t('settings.empty', 'Expected a value')}
    >
      {typeof setting.value === 'boolean' ? (
        <Switch id={id} value={value === true} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />
      ) : typeof setting.value === 'number' ? (
        <Input
          id={id}
          type="number"
          width={20}
          suffix={unit}
          {...limits}
          value={String(value)}
          // An empty field is no number, and least of all 0.
          onChange={({ currentTarget: { value: typed } }) => onChange(typed === '' ? '' : Number(typed))}
        />
      ) : (
        <Input
          id={id}
          width={40}
          value={String(value)}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )}
    </Field>
  );
};

const getStyles = (theme: GrafanaTheme2) => ({
  name: css({ fontFamily: theme.typography.fontFamilyMonospace, whiteSpace: 'nowrap' }),
});

/** Where a value comes from, and what to do where it cannot be changed here. */
export function originText({ source, changed_by: by, changed_at: at, default: usual }: Setting): string {
  if (source === 'environment')
    return t('settings.environment', 'Fixed by the environment of the exporter: change it there.');
  if (source === 'file') return t('settings.file', 'Fixed by tidemark.yaml: change it there.');
  const standard = t('settings.default', 'Default: {{value}}.', plain({ value: settingValueText(usual) }));
  if (by === null || at === null) return standard;
  return `${standard} ${t('settings.changed', 'Changed by {{name}}, {{at}}.', plain({ name: by, at: formatMoment(at) }))}`;
}
