import { fleetCondition, Parameters, type FleetFilter } from './fleet-filter.ts';
import type { DayRange } from './lines.ts';
import type { Queryable } from './pool.ts';

/** What the repository has on record as something that happened. */
export type RecordedKind = 'appeared' | 'vanished' | 'collection_failed';

export interface RecordedEvent {
  /** The end of a collection; of a database the begin of the day, as more is not known. */
  readonly at: Date;
  /** YYYY-MM-DD in the configured time zone. */
  readonly date: string;
  readonly kind: RecordedKind;
  readonly instanceId: number;
  readonly instanceName: string;
  /** Null: it happened to the instance. */
  readonly databaseName: string | null;
  /** The last size of a database that vanished. */
  readonly beforeBytes: number | null;
  /** Why a collection failed. */
  readonly errorMessage: string | null;
}

export interface RecordedEventsQuery extends DayRange {
  readonly fleet: FleetFilter;
  readonly kinds: readonly RecordedKind[];
  readonly timezone: string;
  readonly limit: number;
  readonly offset: number;
}

/**
 * The newest first, a page at a time. The databases that an instance had from the first day on did not appear; one that came
 * back did not vanish.
 */
export async function listRecordedEvents(
  client: Queryable,
  query: RecordedEventsQuery,
): Promise<{ events: RecordedEvent[]; total: number }> {
  const parameters = new Parameters();
  const events = eventsOf(query, parameters);
  const { rows: counted } = await client.query<{ total: number }>(
    `${events} SELECT count(*) AS total FROM events`,
    parameters.values,
  );
  const { rows } = await client.query<RecordedEvent>(
    `${events}
     SELECT * FROM events
     ORDER BY at DESC, "instanceName", kind, "databaseName"
     LIMIT ${parameters.add(query.limit)} OFFSET ${parameters.add(query.offset)}`,
    parameters.values,
  );
  return { events: rows, total: counted[0]?.total ?? 0 };
}

// Sessions are few and tell where in the many records to look. A day more of them than asked for: a record that was taken over
// from a dead exporter may end after its session.
function eventsOf({ fleet, kinds, startDate, endDate, timezone }: RecordedEventsQuery, parameters: Parameters): string {
  const condition = fleetCondition(fleet, parameters);
  const [first, last] = [parameters.add(startDate), parameters.add(endDate)];
  const zone = parameters.add(timezone);
  const wanted = parameters.add(kinds);
  const begin = `${first}::date::timestamp AT TIME ZONE ${zone}`;
  const end = `(${last}::date + 1)::timestamp AT TIME ZONE ${zone}`;
  return `
    WITH seen AS (SELECT i.id, i.name FROM instances AS i WHERE ${condition}),
    events AS (
      SELECT l.first_seen_date::timestamp AT TIME ZONE ${zone} AS at, l.first_seen_date AS date, 'appeared' AS kind,
        i.id AS "instanceId", i.name AS "instanceName", l.database_name AS "databaseName", NULL::bigint AS "beforeBytes",
        NULL::text AS "errorMessage"
      FROM seen AS i
      JOIN database_latest AS l ON l.instance_id = i.id
      WHERE 'appeared' = ANY (${wanted}::text[]) AND l.first_seen_date BETWEEN ${first}::date AND ${last}::date
        AND EXISTS (
          SELECT FROM database_latest AS o WHERE o.instance_id = l.instance_id AND o.first_seen_date < l.first_seen_date
        )
      UNION ALL
      SELECT l.gone_since::timestamp AT TIME ZONE ${zone}, l.gone_since, 'vanished', i.id, i.name, l.database_name,
        l.size_bytes, NULL
      FROM seen AS i
      JOIN database_latest AS l ON l.instance_id = i.id
      WHERE 'vanished' = ANY (${wanted}::text[]) AND l.gone_since BETWEEN ${first}::date AND ${last}::date
      UNION ALL
      SELECT r.finished_at, (r.finished_at AT TIME ZONE ${zone})::date, 'collection_failed', i.id, i.name, NULL, NULL,
        r.error_message
      FROM collection_sessions AS s
      JOIN collection_records AS r ON r.session_id = s.id
      JOIN seen AS i ON i.id = r.instance_id
      WHERE 'collection_failed' = ANY (${wanted}::text[]) AND r.status IN ('failed', 'interrupted')
        AND r.finished_at >= ${begin} AND r.finished_at < ${end}
        AND s.started_at < ${end} AND (s.finished_at IS NULL OR s.finished_at >= ${begin} - interval '1 day')
    )`;
}
