import { useCallback, useMemo, useRef } from 'react';
import { useLocation, useNavigate } from 'react-router';

import type { UrlCodec } from './urlCodecs';

// The values of a page's codecs have nothing in common but that each codec reads its own.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Codecs = Readonly<Record<string, UrlCodec<any>>>;

type StateOf<C extends Codecs> = { readonly [Name in keyof C]: C[Name] extends UrlCodec<infer T> ? T : never };

interface ChangeOptions {
  /** Makes a step of the browser's history, for what feels like going somewhere (a tab). Filters replace. */
  readonly push?: boolean;
}

/**
 * State that lives in the URL, so that a link shows what its sender saw. Parameters of others are left as they are.
 * @param codecs one a parameter; declare them outside of the component
 * @returns the state, and a function that changes parts of it
 */
export function useUrlState<C extends Codecs>(
  codecs: C,
): [StateOf<C>, (changes: Partial<StateOf<C>>, options?: ChangeOptions) => void] {
  const { search, pathname, hash } = useLocation();
  const navigate = useNavigate();

  const state = useMemo(() => {
    const parameters = new URLSearchParams(search);
    return Object.fromEntries(
      Object.entries(codecs).map(([name, codec]) => [name, codec.read(parameters.getAll(name))]),
    ) as StateOf<C>;
  }, [codecs, search]);

  // Two changes in one event would otherwise both start from the URL before the first.
  const latest = useRef(search);
  latest.current = search;

  const change = useCallback(
    (changes: Partial<StateOf<C>>, { push = false }: ChangeOptions = {}) => {
      const parameters = new URLSearchParams(latest.current);
      for (const [name, value] of Object.entries(changes)) {
        const codec = codecs[name];
        if (codec === undefined) continue;
        parameters.delete(name);
        for (const text of codec.write(value)) parameters.append(name, text);
      }
      const text = parameters.toString();
      latest.current = text === '' ? '' : `?${text}`;
      navigate({ pathname, search: latest.current, hash }, { replace: !push });
    },
    [codecs, pathname, hash, navigate],
  );

  return [state, change];
}
