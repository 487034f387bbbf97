import express, { Router } from 'express';
import type pg from 'pg';
import { z } from 'zod';
import type { StartedRun } from '../collection/run.ts';
import { TidemarkError } from '../errors.ts';
import { listRecords, type CollectionRecord } from '../store/records.ts';
import { cancelSession, findSession, listSessions, type CollectionSession, type Scope } from '../store/sessions.ts';
import { parseParameters } from './errors.ts';
import { page, wholeNumber } from './parameters.ts';

const listQuery = z.strictObject(page);

const recordsQuery = z.strictObject({
  ...page,
  status: z
    .enum(['queued', 'running', 'succeeded', 'partial', 'failed', 'skipped', 'interrupted', 'cancelled'])
    .optional(),
});

const sessionId = z.strictObject({ sessionId: wholeNumber(1, 999_999_999) });

const name = z
  .string('expected a text')
  .min(1, 'expected a text that is not empty')
  .max(255, 'expected at most 255 characters');

const runBody = z
  .strictObject({
    instance: name.optional(),
    label: name.regex(/^[^=]+=/, 'expected key=value').optional(),
    owner: name.optional(),
  })
  .refine((body) => Object.values(body).filter((value) => value !== undefined).length <= 1, {
    message: 'expected one of instance, label and owner, or none of them for all',
  });

/** Starts a run, or joins the one in progress. */
export type StartCollection = (scope: Scope) => Promise<StartedRun>;

/** Runs over the fleet, what became of each instance, and run now: `/collections` */
export function collectionsRouter(pool: pg.Pool, startCollection: StartCollection): Router {
  const router = Router();

  router.get('/collections', async (request, response) => {
    const query = parseParameters(listQuery, request.query);
    const { sessions, total } = await listSessions(pool, query);
    response.json({ data: sessions.map(describeSession), page: { ...query, total } });
  });

  router.post('/collections', express.json({ limit: '10kb' }), async (request, response) => {
    const scope = parseParameters(runBody, request.body ?? {}) as Scope;
    const { session, joined } = await startCollection(scope);
    response.status(202).json({ data: { ...describeSession(session), joined } });
  });

  router.get('/collections/:sessionId', async (request, response) => {
    response.json({ data: describeSession(await knownSession(pool, request.params)) });
  });

  router.get('/collections/:sessionId/records', async (request, response) => {
    const { id } = await knownSession(pool, request.params);
    const query = parseParameters(recordsQuery, request.query);
    const { records, total } = await listRecords(pool, id, query);
    response.json({ data: records.map(describeRecord), page: { limit: query.limit, offset: query.offset, total } });
  });

  router.post('/collections/:sessionId/cancel', async (request, response) => {
    const { id } = await knownSession(pool, request.params);
    // One that has ended cannot be cancelled any more, which is what was wanted.
    await cancelSession(pool, id);
    response.json({ data: describeSession(await knownSession(pool, request.params)) });
  });

  return router;
}

async function knownSession(pool: pg.Pool, parameters: unknown): Promise<CollectionSession> {
  const { sessionId: id } = parseParameters(sessionId, parameters);
  const session = await findSession(pool, id);
  if (session === null) throw new TidemarkError('not_found', `there is no collection ${id}`);
  return session;
}

function describeSession(session: CollectionSession) {
  return {
    id: session.id,
    trigger: session.trigger,
    scope: session.scope,
    requested_by: session.requestedBy,
    due_at: session.dueAt,
    status: session.status,
    started_at: session.startedAt,
    finished_at: session.finishedAt,
    duration_seconds: secondsBetween(session.startedAt, session.finishedAt),
    cancel_requested_at: session.cancelRequestedAt,
    instances: session.instances,
    databases_measured: session.databasesMeasured,
    databases_failed: session.databasesFailed,
  };
}

function describeRecord(record: CollectionRecord) {
  return {
    instance_id: record.instanceId,
    instance: record.instanceName,
    status: record.status,
    attempt: record.attempt,
    exporter: record.exporter,
    started_at: record.startedAt,
    finished_at: record.finishedAt,
    duration_seconds: secondsBetween(record.startedAt, record.finishedAt),
    measure_seconds: record.measureMilliseconds === null ? null : record.measureMilliseconds / 1000,
    databases_measured: record.databasesMeasured,
    databases_failed: record.databasesFailed,
    error_code: record.errorCode,
    error_message: record.errorMessage,
    failures: record.failures.map(describeFinding),
    warnings: record.warnings.map(describeFinding),
  };
}

function describeFinding({ databaseName: database, code, message }: CollectionRecord['failures'][number]) {
  return { database, code, message };
}

function secondsBetween(start: Date | null, end: Date | null): number | null {
  return start === null || end === null ? null : (end.getTime() - start.getTime()) / 1000;
}
