import { expect, test } from '@jest/globals';
import { createTheme } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useMemo } from 'react';

import { chartFrame } from '../../../plugin/src/components/SizeChart/frame';
import { Legend } from '../../../plugin/src/components/SizeChart/Legend';
import { useSeriesVisibility } from '../../../plugin/src/components/SizeChart/visibility';

const series = ['data', 'log', 'low'].map((name) => ({ name, t: [], values: [], isAuxiliary: name === 'low' }));
const names = series.map(({ name }) => name);

const Chart = () => {
  const { hidden, toggle } = useSeriesVisibility(names);
  const frame = useMemo(
    () =>
      chartFrame(series, { style: 'lines', stacked: false, unit: 'bytes', stepDays: 1, hidden, theme: createTheme() }),
    [hidden],
  );
  return <Legend frame={frame} hidden={hidden} onToggle={toggle} />;
};

const shown = () =>
  screen
    .getAllByRole('button')
    .filter((button) => button.getAttribute('aria-pressed') === 'true')
    .map((button) => button.textContent);

test('names the lines, without the edges of bands', () => {
  render(<Chart />);
  expect(shown()).toEqual(['data', 'log']);
});

test('a click shows one alone, and again all', async () => {
  render(<Chart />);
  await userEvent.click(screen.getByRole('button', { name: 'log' }));
  expect(shown()).toEqual(['log']);
  await userEvent.click(screen.getByRole('button', { name: 'log' }));
  expect(shown()).toEqual(['data', 'log']);
});

test('with Ctrl it hides and shows that one', async () => {
  render(<Chart />);
  const user = userEvent.setup();
  await user.keyboard('{Control>}');
  await user.click(screen.getByRole('button', { name: 'data' }));
  expect(shown()).toEqual(['log']);
  await user.click(screen.getByRole('button', { name: 'data' }));
  expect(shown()).toEqual(['data', 'log']);
});
