import { useCallback, useState } from 'react';

const none: ReadonlySet<string> = new Set();

/**
 * What a click in the legend does, as in Grafana's panels: a click shows one series alone, and again all; with Ctrl or
 * Cmd (`append`) it hides or shows that one.
 * @param names of all series
 * @returns what is hidden, and the function for the legend
 */
export function useSeriesVisibility(names: readonly string[]) {
  const [hidden, setHidden] = useState(none);

  const toggle = useCallback(
    (name: string, mode: 'select' | 'append') =>
      setHidden((before) => (mode === 'append' ? switched(before, name) : alone(before, name, names))),
    [names],
  );

  return { hidden, toggle };
}

function switched(hidden: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(hidden);
  if (!next.delete(name)) next.add(name);
  return next;
}

function alone(hidden: ReadonlySet<string>, name: string, names: readonly string[]): ReadonlySet<string> {
  const others = names.filter((one) => one !== name);
  const isAlone = !hidden.has(name) && others.length > 0 && others.every((one) => hidden.has(one));
  return isAlone ? none : new Set(others);
}
