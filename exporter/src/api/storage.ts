import { z } from 'zod';
import { filled } from '../config/text.ts';
import { listStorage, readStorageHistory } from '../store/storage-history.ts';
import { requireInstance } from './known-instance.ts';
import { dateRange, idParameter, inOrder, outOfOrder, rangeOf } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { table } from './routing/response.ts';
import { storage, storageHistory, storageScope } from './storage.schemas.ts';

const historyQuery = z
  .strictObject({
    scope: storageScope,
    name: filled(4096, 'expected one name').optional().meta({ description: 'Only this one.' }),
    ...dateRange,
  })
  .refine(inOrder, outOfOrder);

/** What lies below the databases: `/instances/{id}/storage` and its history */
export const storageRoutes: readonly Route[] = [
  defineRoute('GET /instances/{id}/storage', {
    tag: 'Instances',
    summary: 'Logs, tablespaces and volumes of an instance as they were last measured',
    description:
      'Of each scope those of the last day on which it was measured. What an engine can say is in the capabilities of /engines.',
    params: idParameter,
    response: table(storage),
    example: { params: { id: 1 } },
    handler: async ({ params, visibleTo, context: { pool } }) => {
      await requireInstance(pool, params.id, visibleTo);
      return (await listStorage(pool, params.id)).map((row) => ({
        scope: row.scope,
        name: row.name,
        collected_at: row.collectedAt,
        allocated_bytes: row.allocatedBytes,
        used_bytes: row.usedBytes,
        limit_bytes: row.limitBytes,
        free_bytes: row.freeBytes,
      }));
    },
  }),

  defineRoute('GET /instances/{id}/storage/history', {
    tag: 'History',
    summary: 'Logs, tablespaces or volumes of an instance day by day',
    description: 'The last 30 days where no range is given.',
    params: idParameter,
    query: historyQuery,
    response: table(storageHistory, {
      columns: ['scope', 'name', 'day', 'allocated_bytes', 'used_bytes', 'limit_bytes', 'free_bytes'],
      lines: ({ scope, name, t, ...columns }) =>
        t.map((day, index) => ({
          ...{ scope, name, day },
          allocated_bytes: columns.allocated_bytes[index],
          used_bytes: columns.used_bytes[index],
          limit_bytes: columns.limit_bytes[index],
          free_bytes: columns.free_bytes[index],
        })),
    }),
    example: { params: { id: 1 }, query: { scope: 'volume', start_date: '2026-10-01', end_date: '2026-10-31' } },
    handler: async ({ params, query, visibleTo, context: { pool, timezone } }) => {
      await requireInstance(pool, params.id, visibleTo);
      const { scope, name = null } = query;
      const range = rangeOf(query, timezone);
      const found = await readStorageHistory(pool, { instanceId: params.id, scope, name, ...range });
      return found.map((line) => ({
        scope: line.scope,
        name: line.name,
        t: line.days,
        allocated_bytes: line.allocatedBytes,
        used_bytes: line.usedBytes,
        limit_bytes: line.limitBytes,
        free_bytes: line.freeBytes,
      }));
    },
  }),
];
