import { Combobox, InlineField, Input, type ComboboxOption } from '@grafana/ui';
import React, { useEffect, useId, useState } from 'react';

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly tooltip?: string;
  readonly value: T;
  readonly options: ComboboxOption<T>[];
  readonly onChange: (value: T) => void;
}

/** One of a few. */
export function Choice<T extends string>({ label, tooltip, value, options, onChange }: ChoiceProps<T>) {
  const id = useId();
  return (
    <InlineField label={label} tooltip={tooltip} labelWidth={14} htmlFor={id}>
      <Combobox
        id={id}
        aria-label={label}
        width={32}
        value={value}
        options={options}
        onChange={(option) => onChange(option.value)}
      />
    </InlineField>
  );
}

interface TextProps {
  readonly label: string;
  readonly tooltip?: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly onChange: (value: string) => void;
}

/** A text that takes effect when the field is left, or with Enter: a query on each key would be one too many. */
export const Text = ({ label, tooltip, value, placeholder, onChange }: TextProps) => {
  const id = useId();
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const finish = () => typed !== value && onChange(typed);
  return (
    <InlineField label={label} tooltip={tooltip} labelWidth={14} htmlFor={id}>
      <Input
        id={id}
        width={32}
        value={typed}
        placeholder={placeholder}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        onBlur={finish}
        onKeyDown={({ key }) => key === 'Enter' && finish()}
      />
    </InlineField>
  );
};

interface NumberProps {
  readonly label: string;
  readonly tooltip?: string;
  /** Null where the field may be empty. */
  readonly value: number | null;
  readonly minimum: number;
  readonly maximum: number;
  readonly placeholder?: string;
  readonly onChange: (value: number | null) => void;
}

/** A whole number within its limits; what is not one is put back. */
export const WholeNumber = ({ value, minimum, maximum, onChange, ...texts }: NumberProps) => (
  <Text
    {...texts}
    value={value === null ? '' : String(value)}
    onChange={(typed) => {
      const number = Number(typed);
      if (typed.trim() === '' && texts.placeholder !== undefined) onChange(null);
      else if (Number.isInteger(number)) onChange(Math.min(maximum, Math.max(minimum, number)));
      else onChange(value);
    }}
  />
);
