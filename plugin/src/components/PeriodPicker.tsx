import { t } from '@grafana/i18n';
import { RadioButtonGroup } from '@grafana/ui';
import React from 'react';

/** What statistics are computed for. */
export const periods = ['weekly', 'monthly', 'quarterly'] as const;

type Period = (typeof periods)[number];

interface PeriodPickerProps {
  readonly value: Period;
  readonly size?: 'sm';
  readonly onChange: (period: Period) => void;
}

export const PeriodPicker = (props: PeriodPickerProps) => (
  <RadioButtonGroup<Period>
    aria-label={t('statistics.period', 'Period')}
    options={[
      { value: 'weekly', label: t('statistics.weekly', 'Week') },
      { value: 'monthly', label: t('statistics.monthly', 'Month') },
      { value: 'quarterly', label: t('statistics.quarterly', 'Quarter') },
    ]}
    {...props}
  />
);
