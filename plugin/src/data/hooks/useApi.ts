import {
  keepPreviousData,
  useMutation,
  useQuery,
  useQueryClient,
  type QueryKey,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';

import type { TidemarkClient } from '../client';
import type { ApiError } from '../error';
import { useTidemark } from './context';

interface ApiOptions<T> {
  /** False waits, for example for an id. */
  readonly enabled?: boolean;
  /** Milliseconds between two looks, which what was seen last may decide; false looks once. */
  readonly refetchInterval?: number | false | ((data: T | undefined) => number | false);
  /** Keeps showing the rows before while the next ones load, for filters and paging. */
  readonly keepPrevious?: boolean;
}

/**
 * Reads from the API through the connection of the page.
 * @param key says what is read, with all its parameters; the first part is the resource that changes are told by
 */
export function useApi<T>(
  key: QueryKey,
  read: (client: TidemarkClient, signal: AbortSignal) => Promise<T>,
  { enabled = true, refetchInterval = false, keepPrevious = false }: ApiOptions<T> = {},
): UseQueryResult<T, ApiError> {
  const { client, dataSourceUid } = useTidemark();
  return useQuery<T, ApiError>({
    queryKey: [dataSourceUid, ...key],
    queryFn: ({ signal }) => read(client, signal),
    enabled,
    refetchInterval:
      typeof refetchInterval === 'function' ? ({ state }) => refetchInterval(state.data) : refetchInterval,
    ...(keepPrevious ? { placeholderData: keepPreviousData } : {}),
  });
}

/**
 * Changes something through the API.
 * @param stale the resources that must be read again afterwards
 */
export function useApiMutation<Input, Output>(
  change: (client: TidemarkClient, input: Input) => Promise<Output>,
  stale: readonly string[],
): UseMutationResult<Output, ApiError, Input> {
  const { client, dataSourceUid } = useTidemark();
  const queries = useQueryClient();
  return useMutation<Output, ApiError, Input>({
    mutationFn: (input) => change(client, input),
    onSuccess: () =>
      Promise.all(stale.map((resource) => queries.invalidateQueries({ queryKey: [dataSourceUid, resource] }))),
  });
}
