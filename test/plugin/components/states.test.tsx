import { expect, jest, test } from '@jest/globals';
import type { UseQueryResult } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { MemoryRouter } from 'react-router-dom';

import { QueryStates } from '../../../plugin/src/components/QueryStates';
import { ApiError } from '../../../plugin/src/data';

const unreachable = new ApiError({
  code: 'exporter_unreachable',
  message: 'Check that it runs.',
  details: null,
  status: 502,
});

function show(query: Partial<UseQueryResult<readonly string[], ApiError>>) {
  const refetch = jest.fn();
  render(
    <MemoryRouter future={{ v7_relativeSplatPath: false, v7_startTransition: false }}>
      <QueryStates
        query={
          { data: undefined, error: null, refetch, ...query } as unknown as UseQueryResult<readonly string[], ApiError>
        }
        isEmpty={(rows) => rows.length === 0}
        empty={<p>Nothing yet</p>}
      >
        {(rows) => <p>{rows.join(', ')}</p>}
      </QueryStates>
    </MemoryRouter>,
  );
  return refetch;
}

test('loading', () => {
  show({});
  expect(screen.getByRole('status')).toHaveTextContent('Loading …');
});

test('failed: says why, tries again, and leads to the configuration where that helps', async () => {
  const refetch = show({ error: unreachable });

  expect(screen.getByRole('alert')).toHaveTextContent('The exporter does not answer');
  expect(screen.getByRole('alert')).toHaveTextContent('Check that it runs.');
  expect(screen.getByRole('link', { name: /configuration/ })).toHaveAttribute(
    'href',
    '/a/tidemark-storage-app/configuration',
  );
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(refetch).toHaveBeenCalledTimes(1);
});

test('empty', () => {
  show({ data: [] });
  expect(screen.getByText('Nothing yet')).toBeInTheDocument();
});

test('what is there stays when reading it again fails', () => {
  show({ data: ['shop'], error: unreachable });
  expect(screen.getByText('shop')).toBeInTheDocument();
  expect(screen.getByRole('alert')).toBeInTheDocument();
});
