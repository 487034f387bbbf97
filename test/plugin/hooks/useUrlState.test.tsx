import { expect, test } from '@jest/globals';
import { act, renderHook } from '@testing-library/react';
import React, { type ReactNode } from 'react';
import { MemoryRouter, useLocation } from 'react-router-dom';

import { flag, list, oneOf, text, wholeNumber } from '../../../plugin/src/hooks/urlCodecs';
import { useUrlState } from '../../../plugin/src/hooks/useUrlState';

const codecs = {
  search: text(),
  engine: list(),
  gone: flag(),
  days: wholeNumber(30, 1, 366),
  tab: oneOf(['a', 'b'], 'a'),
};

// Grafana's router sets no future flags. Saying so keeps the routes as they are there, and the router from warning.
const future = { v7_relativeSplatPath: false, v7_startTransition: false };

function render(address: string) {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <MemoryRouter initialEntries={[address]} future={future}>
      {children}
    </MemoryRouter>
  );
  return renderHook(() => ({ state: useUrlState(codecs), location: useLocation() }), { wrapper });
}

test('what the URL does not say is the default, and so is what nobody understands', () => {
  const { result } = render('/page?days=none&tab=c&gone=perhaps&search=');

  expect(result.current.state[0]).toEqual({ search: '', engine: [], gone: false, days: 30, tab: 'a' });
});

test('the URL is the state', () => {
  const { result } = render('/page?search=shop&engine=mysql&engine=oracle&gone=true&days=7&tab=b');

  expect(result.current.state[0]).toEqual({
    search: 'shop',
    engine: ['mysql', 'oracle'],
    gone: true,
    days: 7,
    tab: 'b',
  });
});

test('a change goes into the URL, without defaults, and leaves what others have there', () => {
  const { result } = render('/page?other=1&search=shop#place');

  act(() => result.current.state[1]({ search: '', engine: ['mysql', 'a b'], days: 90 }));

  expect(result.current.location.search).toBe('?other=1&engine=mysql&engine=a+b&days=90');
  expect(result.current.location.hash).toBe('#place');
  expect(result.current.state[0]).toMatchObject({ search: '', engine: ['mysql', 'a b'], days: 90 });
});

test('two changes in one event are both there', () => {
  const { result } = render('/page');

  act(() => {
    const [, change] = result.current.state;
    change({ search: 'shop' });
    change({ tab: 'b' });
  });

  expect(result.current.state[0]).toMatchObject({ search: 'shop', tab: 'b' });
});
