import { readFacets } from '../store/facets.ts';
import { facets } from './facets.schemas.ts';
import { defineRoute, type Route } from './route.ts';
import { data } from './routing/response.ts';

/** What filters can be set to: `/facets` */
export const facetsRoutes: readonly Route[] = [
  defineRoute('GET /facets', {
    tag: 'Fleet',
    summary: 'Engines, owners and labels that there are, for filters',
    description: 'Of all instances that the token may see, those that are not active too.',
    response: data(facets),
    example: {},
    handler: async ({ visibleTo, context: { pool } }) => {
      const { engines, owners, labels } = await readFacets(pool, visibleTo);
      // fromEntries defines its properties, so that a key of the name __proto__ is one.
      return { engines, owners, labels: Object.fromEntries(labels.map(({ key, values }) => [key, [...values]])) };
    },
  }),
];
