import { expect, test } from '@jest/globals';
import { FieldType, type DataFrame } from '@grafana/data';

import { treeOf } from '../../../plugin/src/treemap/tree';
import { defaultOptions } from '../../../plugin/src/treemap/types';

const text = (name: string, values: readonly (string | null)[], href?: string) => ({
  name,
  type: FieldType.string,
  config: {},
  values: [...values],
  ...(href === undefined
    ? {}
    : { getLinks: ({ valueRowIndex }: { valueRowIndex?: number }) => [{ href: `${href}/${valueRowIndex}` }] }),
});
const number = (name: string, values: readonly (number | null)[], config = {}) => ({
  name,
  type: FieldType.number,
  config,
  values: [...values],
});

const table = {
  length: 4,
  fields: [
    text('instance_name', ['orders', 'orders', 'hr', 'hr']),
    text('database_name', ['shop', 'audit', 'people', 'gone'], '/db'),
    text('owner', ['a', null, 'b', 'b']),
    number('share', [0.7, 0.3, 1, 0]),
    number('size_bytes', [700, 300, 500, null], { unit: 'bytes' }),
    number('instance_id', [1, 1, 2, 2], { custom: { hidden: true } }),
  ],
} as unknown as DataFrame;

test('databases within instances, by the first column of bytes, with their links', () => {
  const tree = treeOf([table], defaultOptions);
  expect(tree?.root.children).toEqual([
    {
      name: 'orders',
      children: [
        { name: 'shop', value: 700, href: '/db/0' },
        { name: 'audit', value: 300, href: '/db/1' },
      ],
    },
    { name: 'hr', children: [{ name: 'people', value: 500, href: '/db/2' }] },
  ]);
});

test('other groups, other sizes', () => {
  const tree = treeOf([table], {
    ...defaultOptions,
    valueField: 'share',
    labelField: 'instance_name',
    groupFields: ['owner'],
  });
  expect(tree?.root.children).toEqual([
    { name: 'a', children: [{ name: 'orders', value: 0.7, href: undefined }] },
    { name: '–', children: [{ name: 'orders', value: 0.3, href: undefined }] },
    { name: 'b', children: [{ name: 'hr', value: 1, href: undefined }] },
  ]);
});

test('lines over time by their last known value', () => {
  const line = (name: string, values: readonly (number | null)[]) => ({
    length: values.length,
    fields: [
      { name: 'Time', type: FieldType.time, config: {}, values: [1, 2, 3] },
      number('Value', values, { displayName: name }),
    ],
  });
  const tree = treeOf([line('a', [1, 2, null]), line('b', [5, 6, 7])] as unknown as DataFrame[], defaultOptions);
  expect(tree?.root.children).toEqual([
    { name: 'a', value: 2, href: undefined },
    { name: 'b', value: 7, href: undefined },
  ]);
});

test('no numbers, no picture', () => {
  expect(treeOf([], defaultOptions)).toBeNull();
  expect(treeOf([{ length: 1, fields: [text('a', ['x'])] } as unknown as DataFrame], defaultOptions)).toBeNull();
});
