// Repositories that show a given number of series.
import pg from 'pg';
import { defaultDeadlines } from '../../../exporter/dist/config/deadlines.js';
import { Secret } from '../../../exporter/dist/config/secret.js';
import { migrate } from '../../../exporter/dist/store/migrate.js';

/** Of each database: data, index, log, what is used of it, and its limit. */
const seriesOfDatabase = 5;
/** Of each instance that was never asked: what is known of it, and since when it is watched. */
const seriesOfInstance = 2;
const databases = 50;

/** @returns the address of a database of its own */
export async function createDatabase(adminUrl, name) {
  const admin = new pg.Client({ connectionString: adminUrl.reveal() });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  return new Secret(adminUrl.reveal().replace(/[^/]+$/, name));
}

/** A migrated repository with about so many series, 50 databases an instance. */
export async function createFleet(adminUrl, series) {
  const url = await createDatabase(adminUrl, `bench_series_${series}`);
  await migrate(url, defaultDeadlines);
  const instances = Math.round(series / (databases * seriesOfDatabase + seriesOfInstance));
  const client = new pg.Client({ connectionString: url.reveal() });
  await client.connect();
  await client.query(
    `INSERT INTO instances (name, engine, host, port, database_name, source, owner, labels)
     SELECT 'instance-' || n, 'postgresql', 'host', 5432, 'postgres', 'user', 'team-' || n % 20,
       jsonb_build_object('environment', 'env-' || n % 3)
     FROM generate_series(1, $1::int) AS n`,
    [instances],
  );
  await client.query(
    `INSERT INTO database_latest (instance_id, database_name, first_seen_date, collected_date, collected_at, size_bytes,
       data_bytes, index_bytes, log_bytes, used_bytes, limit_bytes, method)
     SELECT i.id, 'database_' || d, current_date, current_date, now(), size, size / 2, size / 4, size / 4, size / 3, 2 * size, 'exact'
     FROM instances AS i
     CROSS JOIN LATERAL generate_series(1, $1::int) AS d
     CROSS JOIN LATERAL (SELECT (2e9 + (i.id * 7919 + d * 104729) % 1000003 * 10000::bigint)::bigint AS size) AS sizes`,
    [databases],
  );
  await client.query('ANALYZE');
  await client.end();
  return url;
}
