import { expect, test } from '@jest/globals';

import { TidemarkClient } from '../../../plugin/src/data';
import { annotationSupport } from '../../../plugin/src/datasource/annotations';
import { defaultVariableQuery } from '../../../plugin/src/datasource/query/defaults';
import type { VariableQuery } from '../../../plugin/src/datasource/query/types';
import { variableValues } from '../../../plugin/src/datasource/variables';
import { answer, fakeExporter, page } from '../support/fake-exporter';

const { send, requests } = fakeExporter({
  'GET /facets': () =>
    answer({
      engines: [{ value: 'mysql', instances: 1 }],
      owners: [
        { value: 'shop', instances: 1 },
        { value: null, instances: 2 },
      ],
      labels: { env: ['prod', 'test'] },
    }),
  'GET /instances': () => page([{ id: 4, name: 'orders' }]),
  'GET /databases': () => page([{ database_name: 'shop' }, { database_name: 'audit' }, { database_name: 'shop' }]),
});
const values = (query: Partial<VariableQuery>) =>
  variableValues(new TidemarkClient(send), { refId: 'v', ...defaultVariableQuery, ...query });

test('engines and owners, without those that have none', async () => {
  await expect(values({ values: 'engine' })).resolves.toEqual([{ text: 'mysql', value: 'mysql' }]);
  await expect(values({ values: 'owner' })).resolves.toEqual([{ text: 'shop', value: 'shop' }]);
});

test('values of a label are what the filter takes', async () => {
  await expect(values({ values: 'label', labelKey: 'env' })).resolves.toEqual([
    { text: 'prod', value: 'env=prod' },
    { text: 'test', value: 'env=test' },
  ]);
  await expect(values({ values: 'label', labelKey: 'no such label' })).resolves.toEqual([]);
});

test('instances read by their name and mean their id', async () => {
  await expect(values({ filters: { engine: ['mysql'] } })).resolves.toEqual([{ text: 'orders', value: '4' }]);
  expect(requests.at(-1)?.query).toMatchObject({ engine: ['mysql'], sort: 'name' });
});

test('databases, each name once', async () => {
  await expect(values({ values: 'database' })).resolves.toEqual([
    { text: 'audit', value: 'audit' },
    { text: 'shop', value: 'shop' },
  ]);
});

test('an annotation without a query of ours marks failures, appearing and vanishing', () => {
  const prepared = annotationSupport.prepareAnnotation?.({ name: 'Events', target: { refId: 'x' } });
  expect(prepared?.target).toMatchObject({ queryType: 'events', kinds: ['collection_failed', 'appeared', 'vanished'] });
});

test('an annotation with a query of ours keeps it', () => {
  const target = { refId: 'Anno', version: 1, queryType: 'events', kinds: ['step_up'], filters: { instance: ['4'] } };
  expect(annotationSupport.prepareAnnotation?.({ name: 'Events', target })?.target).toEqual(target);
});
