import { MultiCombobox, type ComboboxOption } from '@grafana/ui';
import React, { useId } from 'react';

interface ManyFilterProps {
  readonly label: string;
  /** What is shown while nothing is chosen. */
  readonly placeholder?: string;
  readonly options: ComboboxOption[];
  readonly value: readonly string[];
  readonly onChange: (value: string[]) => void;
}

/** Chooses several values. Its name is beside it, unseen: Grafana's box takes its name from another element only. */
export const ManyFilter = ({ label, placeholder = label, options, value, onChange }: ManyFilterProps) => {
  const id = useId();
  return (
    <div>
      <span id={id} hidden>
        {label}
      </span>
      <MultiCombobox
        width="auto"
        minWidth={18}
        maxWidth={50}
        isClearable
        aria-labelledby={id}
        placeholder={placeholder}
        options={options}
        value={[...value]}
        onChange={(chosen) => onChange(chosen.map((option) => option.value))}
      />
    </div>
  );
};
