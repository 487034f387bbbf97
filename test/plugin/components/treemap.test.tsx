import { describe, expect, jest, test } from '@jest/globals';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';

import { foldSmall, Treemap } from '../../../plugin/src/components/Treemap';
import { groupEdgeHeight, layoutTreemap, subtree } from '../../../plugin/src/components/Treemap/layout';
import { nextTile } from '../../../plugin/src/components/Treemap/keyboard';

const root = {
  name: '',
  children: [
    {
      name: 'orders-db',
      children: [
        { name: 'shop', value: 600, href: '/shop' },
        { name: 'audit', value: 200 },
      ],
    },
    {
      name: 'hr-db',
      children: [
        { name: 'people', value: 200 },
        { name: 'empty', value: 0 },
      ],
    },
  ],
};

describe('layout', () => {
  const tiles = layoutTreemap(root, 1000, 500);
  const tile = (name: string) => tiles.find(({ node }) => node.name === name);

  test('values of groups are sums, shares are of the whole', () => {
    expect(tile('orders-db')).toMatchObject({ value: 800, share: 0.8, isGroup: true, branch: 0 });
    expect(tile('shop')).toMatchObject({ value: 600, share: 0.6, path: ['orders-db', 'shop'], branch: 0 });
    expect(tile('people')).toMatchObject({ branch: 1 });
  });

  test('what has no size has no tile', () => {
    expect(tile('empty')).toBeUndefined();
  });

  test('areas go with values', () => {
    const area = (name: string) => (tile(name)?.width ?? 0) * (tile(name)?.height ?? 0);
    expect(area('shop') / area('audit')).toBeGreaterThan(2.5);
    expect(area('shop') / area('audit')).toBeLessThan(3.5);
  });

  test('the name of a group has a whole line above what is in it', () => {
    const [group, child] = [tile('orders-db'), tile('shop')];
    const lineHeight = 18;
    expect((child?.y ?? 0) - (group?.y ?? 0) - groupEdgeHeight).toBeGreaterThan(lineHeight);
  });

  test('nothing fits into no space', () => {
    expect(layoutTreemap(root, 0, 500)).toEqual([]);
    expect(layoutTreemap({ name: '', children: [] }, 100, 100)).toEqual([]);
  });
});

test('a group that is gone is the whole again', () => {
  expect(subtree(root, ['orders-db']).name).toBe('orders-db');
  expect(subtree(root, ['no-such-group'])).toBe(root);
});

test('the smallest are added up within their group', () => {
  const folded = foldSmall(root, 2, (count) => `Others (${count})`);
  expect(folded.children?.[0]?.children).toEqual([
    { name: 'shop', value: 600, href: '/shop' },
    { name: 'audit', value: 200 },
  ]);
  expect(folded.children?.[1]?.children).toEqual([
    { name: 'people', value: 200 },
    { name: 'Others (1)', value: 0 },
  ]);
});

test('arrows go to the neighbour in that direction', () => {
  const tiles = layoutTreemap(
    {
      name: '',
      children: [
        { name: 'a', value: 2 },
        { name: 'b', value: 1 },
        { name: 'c', value: 1 },
      ],
    },
    300,
    100,
  );
  const index = (name: string) => tiles.findIndex(({ node }) => node.name === name);
  expect(nextTile(tiles, index('a'), 'ArrowRight')).not.toBe(index('a'));
  expect(nextTile(tiles, index('a'), 'ArrowLeft')).toBe(index('a'));
  expect(nextTile(tiles, index('c'), 'Home')).toBe(0);
  expect(nextTile(tiles, index('a'), 'x')).toBe(index('a'));
});

describe('in use', () => {
  const show = () => {
    const onFollow = jest.fn<(href: string) => void>();
    render(
      <Treemap
        root={root}
        width={1000}
        height={500}
        label="Who occupies the space"
        allLabel="All"
        formatValue={(value) => `${value} B`}
        onFollow={onFollow}
      />,
    );
    return onFollow;
  };

  test('each tile says its name, size and share', () => {
    show();
    expect(screen.getByRole('list', { name: 'Who occupies the space' })).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'orders-db › shop: 600 B, 60 %' })).toHaveAttribute('href', '/shop');
  });

  test('a click follows a link, or opens a group; Escape goes back', async () => {
    const onFollow = show();
    await userEvent.click(screen.getByRole('link', { name: /shop/ }));
    expect(onFollow).toHaveBeenCalledWith('/shop');

    await userEvent.click(screen.getByRole('button', { name: /^hr-db:/ }));
    expect(screen.queryByRole('link', { name: /shop/ })).not.toBeInTheDocument();
    expect(screen.getByRole('img', { name: 'people: 200 B, 100 %' })).toBeInTheDocument();

    await userEvent.tab();
    await userEvent.tab();
    await userEvent.tab();
    await userEvent.keyboard('{Escape}');
    expect(screen.getByRole('link', { name: /shop/ })).toBeInTheDocument();
  });

  test('one tile is in the order of the tab key, and arrows move it', async () => {
    show();
    await userEvent.tab();
    const first = document.activeElement;
    expect(first).toHaveAttribute('data-tile', '0');
    await userEvent.keyboard('{End}');
    expect(document.activeElement).not.toBe(first);
    expect(document.querySelectorAll('[data-tile][tabindex="0"]')).toHaveLength(1);
  });
});
