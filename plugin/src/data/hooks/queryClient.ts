import { QueryClient } from '@tanstack/react-query';

import { ApiError } from '../error';

/** Sizes are measured once a day: half a minute old is fresh, and a refused request is not tried again. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < 2 && isPassing(error),
      },
    },
  });
}

function isPassing(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 500;
}
