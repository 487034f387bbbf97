import type { UseQueryResult } from '@tanstack/react-query';
import React, { type ReactNode } from 'react';

import type { ApiError } from '../data/error';
import { Failure, Loading } from './States';

interface QueryStatesProps<T> {
  readonly query: UseQueryResult<T, ApiError>;
  /** True where there is nothing to show. */
  readonly isEmpty?: (data: T) => boolean;
  /** Shown then, with what to do next. */
  readonly empty?: ReactNode;
  readonly children: (data: T) => ReactNode;
}

/**
 * The states of something that is read: loading, failed, empty, there. What is there stays while newer data loads and
 * when that fails, with the failure above it.
 */
export function QueryStates<T>({ query, isEmpty, empty, children }: QueryStatesProps<T>) {
  const { data, error, refetch } = query;
  const failure = error !== null && <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return failure || <Loading />;
  return (
    <>
      {failure}
      {isEmpty?.(data) === true ? empty : children(data)}
    </>
  );
}
