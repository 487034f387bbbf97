import { FilterInput } from '@grafana/ui';
import React, { useEffect, useState } from 'react';

interface SearchInputProps {
  readonly value: string;
  readonly placeholder: string;
  readonly onChange: (value: string) => void;
}

const pauseMilliseconds = 250;

/** Searches when the typing pauses: a request on each key would be one too many. */
export const SearchInput = ({ value, placeholder, onChange }: SearchInputProps) => {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => onChange(typed), pauseMilliseconds);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  return (
    <FilterInput
      width={30}
      escapeRegex={false}
      aria-label={placeholder}
      placeholder={placeholder}
      value={typed}
      onChange={setTyped}
    />
  );
};
