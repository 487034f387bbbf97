import { t } from '@grafana/i18n';
import React from 'react';

import { ChoiceButtons } from './ChoiceButtons';

/** What statistics are computed for. */
export const periods = ['weekly', 'monthly', 'quarterly'] as const;

type Period = (typeof periods)[number];

interface PeriodPickerProps {
  readonly value: Period;
  readonly size?: 'sm';
  readonly onChange: (period: Period) => void;
}

export const PeriodPicker = (props: PeriodPickerProps) => (
  <ChoiceButtons<Period>
    aria-label={t('statistics.period', 'Period')}
    options={[
      { value: 'weekly', label: t('statistics.weekly', 'Week') },
      { value: 'monthly', label: t('statistics.monthly', 'Month') },
      { value: 'quarterly', label: t('statistics.quarterly', 'Quarter') },
    ]}
    {...props}
  />
);
