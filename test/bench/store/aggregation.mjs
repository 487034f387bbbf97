// A month of the whole fleet is condensed.
import { aggregatePeriod } from '../../../exporter/dist/store/aggregation.js';
import { periodOf } from '../../../exporter/dist/store/periods.js';
import { median, middle, once } from '../report.mjs';
import { today } from './fleet.mjs';

const month = '2026-10-01';
const monthEnd = '2026-10-31';

export async function measureAggregation({ large: pool, report, fleet }) {
  // Explained, so that the server computes every column and sends none; around it, a count(*) would leave the columns out.
  const bare = await median(5, () =>
    pool.query(
      `EXPLAIN (ANALYZE, TIMING OFF)
       SELECT instance_id, database_name, count(*), avg(size_bytes), max(size_bytes), min(size_bytes), avg(data_bytes),
         max(data_bytes), min(data_bytes), avg(log_bytes), max(log_bytes), min(log_bytes)
       FROM database_size_stats
       WHERE collected_date BETWEEN $1 AND $2
       GROUP BY instance_id, database_name`,
      [month, monthEnd],
    ),
  );
  const times = [];
  for (let time = 0; time < 5; time += 1) {
    await pool.query("DELETE FROM database_size_aggregations WHERE period_type = 'monthly' AND period_start = $1", [
      month,
    ]);
    await pool.query('INSERT INTO aggregation_backlog SELECT $1, $2, id FROM instances', ['monthly', month]);
    await pool.query('VACUUM ANALYZE database_size_aggregations');
    times.push(await once(() => aggregatePeriod(pool, periodOf('monthly', month), null, today)));
  }
  const stored = middle(times);
  report.add('a month stored, all columns', stored, { limit: bare, limitName: 'bare aggregate', target: 4 });
  await pool.query('INSERT INTO aggregation_backlog SELECT $1, $2, id FROM instances', ['monthly', month]);
  report.add(
    'the same again, nothing changed',
    await once(() => aggregatePeriod(pool, periodOf('monthly', month), null, today)),
    {
      limit: bare,
      limitName: 'bare aggregate',
      target: 4,
    },
  );
  const sample = 20;
  const original = (await once(() => originalAggregation(pool, sample))) * (fleet.instances / sample);
  report.add('a month stored, all columns', stored, {
    limit: original,
    limitName: `the original's way, from ${sample} instances`,
    target: 50,
    atLeast: true,
    inverse: true,
  });
}

/** Rows of an instance fetched, grouped here, a SELECT, an UPDATE and a COMMIT per database, into a table like the original's. */
async function originalAggregation(pool, instances) {
  await pool.query('CREATE TABLE IF NOT EXISTS original_aggregations (LIKE database_size_aggregations INCLUDING ALL)');
  const client = await pool.connect();
  for (let instance = 1; instance <= instances; instance += 1) {
    const { rows } = await client.query(
      'SELECT * FROM database_size_stats WHERE instance_id = $1 AND collected_date >= $2 AND collected_date <= $3',
      [instance, month, monthEnd],
    );
    const groups = new Map();
    for (const row of rows) {
      const group = groups.get(row.database_name);
      if (group === undefined) groups.set(row.database_name, [row]);
      else group.push(row);
    }
    for (const [name, group] of groups) {
      const sizes = group.map((row) => row.size_bytes);
      await client.query('BEGIN');
      await client.query(
        "SELECT * FROM original_aggregations WHERE instance_id = $1 AND database_name = $2 AND period_type = 'monthly' AND period_start = $3",
        [instance, name, month],
      );
      await client.query(
        `INSERT INTO original_aggregations (instance_id, database_name, period_type, period_start, period_end, is_complete,
           data_count, size_sum_bytes, max_size_bytes, min_size_bytes, first_size_bytes, last_size_bytes, first_date, last_date,
           data_bytes_count, log_bytes_count)
         VALUES ($1, $2, 'monthly', $3, $4, true, $5, $6, $7, $8, 0, 0, $3, $4, 0, 0)`,
        [
          instance,
          name,
          month,
          monthEnd,
          sizes.length,
          sizes.reduce((sum, size) => sum + size, 0),
          Math.max(...sizes),
          Math.min(...sizes),
        ],
      );
      await client.query('COMMIT');
    }
  }
  client.release();
}
