import { expect, test } from '@jest/globals';
import { render, screen } from '@testing-library/react';
import React from 'react';
import { MemoryRouter } from 'react-router-dom';

import Pages from '../../../plugin/src/pages/Pages';

// Grafana's router sets no future flags. Saying so keeps the routes as they are there, and the router from warning.
const future = { v7_relativeSplatPath: false, v7_startTransition: false };

test.each(['/', '/instances', '/no-such-page'])('%s shows the instances page, which says it has no data', (path) => {
  render(
    <MemoryRouter initialEntries={[path]} future={future}>
      <Pages />
    </MemoryRouter>,
  );

  expect(screen.getByRole('status', { name: /pages follow/i })).toBeInTheDocument();
  expect(screen.getByText(/shows no data yet/i)).toBeInTheDocument();
});
