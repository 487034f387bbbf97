import { t } from '@grafana/i18n';
import React from 'react';

import { ChoiceButtons } from '../ChoiceButtons';
import type { UrlCodec } from '../../hooks/urlCodecs';

const windows = [7, 30, 90, 365] as const;

/** How far back growth looks, in the URL. */
export const daysCodec: UrlCodec<number> = {
  fallback: 30,
  read: ([value]) => windows.find((days) => String(days) === value) ?? 30,
  write: (value) => (value === 30 ? [] : [String(value)]),
};

interface DaysPickerProps {
  readonly value: number;
  readonly onChange: (days: number) => void;
}

/** 7, 30, 90 or 365 days. */
export const DaysPicker = ({ value, onChange }: DaysPickerProps) => (
  <ChoiceButtons
    aria-label={t('filters.window', 'Window of growth')}
    value={value}
    onChange={onChange}
    options={windows.map((days) => ({ value: days, label: t('filters.days', '{{days}} days', { days }) }))}
  />
);
