import { Router } from 'express';
import type pg from 'pg';
import { z } from 'zod';
import type { ConnectionTest } from '../collection/connection-test.ts';
import { TidemarkError } from '../errors.ts';
import { toMegabytes } from '../statistics/megabytes.ts';
import { findInstance, listInstances, type Instance, type InstanceSummary } from '../store/instances.ts';
import { parseParameters } from './errors.ts';
import { instanceId, page } from './parameters.ts';

const listQuery = z.strictObject(page);

/** Logs in to an instance and says what can be measured. */
export type TestConnection = (instance: Instance) => Promise<ConnectionTest>;

/** What is watched: `/instances` */
export function instancesRouter(pool: pg.Pool, testConnection: TestConnection): Router {
  const router = Router();

  router.get('/instances', async (request, response) => {
    const query = parseParameters(listQuery, request.query);
    const { instances, total } = await listInstances(pool, query);
    response.json({ data: instances.map(describeInstance), page: { ...query, total } });
  });

  router.post('/instances/:instanceId/test', async (request, response) => {
    const { instanceId: id } = parseParameters(instanceId, request.params);
    const instance = await findInstance(pool, { id });
    if (instance === null) throw new TidemarkError('not_found', `there is no instance ${id}`);
    const result = await testConnection(instance);
    response.json({
      data: {
        server_version: result.serverVersion,
        encrypted: result.encrypted,
        databases: result.databases,
        unmeasured_databases: result.unmeasuredDatabases,
        findings: result.findings.map(({ databaseName: database, code, message }) => ({ database, code, message })),
      },
    });
  });

  return router;
}

function describeInstance(instance: InstanceSummary): unknown {
  const { lastCollection } = instance;
  return {
    id: instance.id,
    name: instance.name,
    engine: instance.engine,
    host: instance.host,
    port: instance.port,
    server_version: instance.serverVersion,
    owner: instance.owner,
    labels: instance.labels,
    source: instance.source,
    active: instance.active,
    total_size_bytes: instance.totalSizeBytes,
    total_size_mb: toMegabytes(instance.totalSizeBytes),
    database_count: instance.databaseCount,
    measure_seconds: instance.measureMilliseconds === null ? null : instance.measureMilliseconds / 1000,
    quiet_hours: instance.quietHours,
    last_collection:
      lastCollection === null
        ? null
        : {
            status: lastCollection.status,
            finished_at: lastCollection.finishedAt === null ? null : new Date(lastCollection.finishedAt),
            error_code: lastCollection.errorCode,
            error_message: lastCollection.errorMessage,
          },
  };
}
