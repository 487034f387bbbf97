import { expect, test } from '@jest/globals';
import { render, screen } from '@testing-library/react';
import React from 'react';

import { linePath, Sparkline } from '../../../plugin/src/components/Sparkline';

test('the least value is at the bottom, the largest at the top', () => {
  expect(linePath([10, 30, 20], 104, 24)).toBe('M2,22L2,22L52,2L102,12');
});

test('a day without a value is a gap', () => {
  expect(linePath([10, null, 20], 104, 24)).toBe('M2,22L2,22M102,2L102,2');
});

test('a flat history is a line in the middle', () => {
  expect(linePath([5, 5], 104, 24)).toBe('M2,12L2,12L102,12');
});

test('nothing known is nothing shown', () => {
  const { container } = render(<Sparkline data={{ t: ['2026-11-01'], size_bytes: [null] }} label="shop" />);
  expect(container).toBeEmptyDOMElement();
});

test('the line says what it is', () => {
  render(<Sparkline data={{ t: ['2026-11-01', '2026-11-02'], size_bytes: [1, 2] }} label="shop, last 30 days" />);
  expect(screen.getByRole('img', { name: 'shop, last 30 days' })).toBeInTheDocument();
});
