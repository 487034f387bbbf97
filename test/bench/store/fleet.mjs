// The fleets that are measured: repositories that the server itself fills.
import pg from 'pg';
import { defaultDeadlines } from '../../../exporter/dist/config/deadlines.js';
import { Secret } from '../../../exporter/dist/config/secret.js';
import { migrate } from '../../../exporter/dist/store/migrate.js';
import { ensurePartitionsOf } from '../../../exporter/dist/store/partitions.js';
import { addDays } from '../../../exporter/dist/store/periods.js';
import { createPool } from '../../../exporter/dist/store/pool.js';

/** The day on which all of it happens. */
export const today = '2026-11-22';
export const deadlines = { ...defaultDeadlines, repositoryStatement: 3_600_000 };

/**
 * A repository with a fleet in it, made by the server itself; or the one that is there already.
 * @returns its pool, and whether it is new
 */
export async function openDatabase(adminUrl, name, { instances, databases, days }) {
  const admin = new pg.Client({ connectionString: adminUrl.reveal() });
  await admin.connect();
  const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  const isNew = rowCount === 0;
  if (isNew) await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const url = new Secret(adminUrl.reveal().replace(/[^/]+$/, name));
  await migrate(url, deadlines);
  const pool = createPool(url, deadlines, { max: 10 });
  if (isNew) await fill(name, pool, { instances, databases, days });
  return { pool, isNew };
}

async function fill(name, pool, { instances, databases, days }) {
  await pool.query(
    `INSERT INTO instances (name, engine, host, port, database_name, source, owner, labels)
     SELECT 'instance-' || n, 'postgresql', 'host', 5432, 'postgres', 'user', 'team-' || n % 20,
       jsonb_build_object('environment', 'env-' || n % 3)
     FROM generate_series(1, $1::int) AS n`,
    [instances],
  );
  const first = addDays(today, 1 - days);
  const allDays = Array.from({ length: days }, (_, number) => addDays(first, number));
  await ensurePartitionsOf(pool, [...allDays, '2027-02-01']);
  const client = await pool.connect();
  // Checking 18 million foreign keys would be most of the time.
  await client.query('SET session_replication_role = replica');
  // Day by day, as it comes in real life: where the rows of a day stand together, a BRIN index finds them.
  for (const day of allDays) {
    if (day.endsWith('-01')) console.error(`  filling ${name}: ${day}`);
    await client.query(
      `INSERT INTO database_size_stats (instance_id, database_name, collected_date, collected_at, size_bytes, data_bytes,
         log_bytes, method)
       SELECT i, 'database_' || d, $1::date, $1::date + time '03:00', size, size * 9 / 10, size / 10, 'exact'
       FROM generate_series(1, $2::int) AS i
       CROSS JOIN LATERAL generate_series(1, $3::int) AS d
       CROSS JOIN LATERAL (
         SELECT (2e9 + (i * 7919 + d * 104729) % 1000003 * 10000::bigint
           + ($1::date - date '2025-01-01') * (((i * 31 + d * 17) % 100) - 20) * 40000::bigint
           + hashint4(i * 1000 + d + ($1::date - date '2025-01-01')) % 1000)::bigint AS size
       ) AS sizes
       ORDER BY i, d`,
      [day, instances, databases],
    );
  }
  await client.query('SET session_replication_role = origin');
  await client.query(
    `INSERT INTO database_latest (instance_id, database_name, first_seen_date, collected_date, collected_at, size_bytes,
       data_bytes, log_bytes, method)
     SELECT instance_id, database_name, $1, collected_date, collected_at, size_bytes, data_bytes, log_bytes, method
     FROM database_size_stats WHERE collected_date = $2`,
    [first, today],
  );
  await client.query(
    `INSERT INTO measurement_changes
     SELECT i, day::date FROM generate_series(1, $1::int) AS i, generate_series($2::date, $3::date, '1 day') AS day`,
    [instances, first, today],
  );
  client.release();
  await pool.query('VACUUM ANALYZE');
}
