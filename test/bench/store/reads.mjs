// What people and programs ask, against bare queries.
import { readForecasts } from '../../../exporter/dist/statistics/forecast.js';
import { readGrowth } from '../../../exporter/dist/store/growth.js';
import { readGrowthWindows } from '../../../exporter/dist/store/growth-windows.js';
import { readHistory, readLatest } from '../../../exporter/dist/store/measurements.js';
import { addDays } from '../../../exporter/dist/store/periods.js';
import { readSeries } from '../../../exporter/dist/store/series.js';
import { readPeriodStatistics } from '../../../exporter/dist/store/statistics.js';
import { median, once } from '../report.mjs';
import { today } from './fleet.mjs';
import { overHttp } from './http.mjs';

export async function measureReads({ large: pool, report, fleet }) {
  const first = addDays(today, 1 - fleet.days);
  const historyQuery = `SELECT database_name, collected_date, collected_at, size_bytes, data_bytes, log_bytes, method
    FROM database_size_stats WHERE instance_id = $1 AND collected_date BETWEEN $2 AND $3 ORDER BY database_name, collected_date`;
  const bareHistory = await median(9, () => pool.query(historyQuery, [7, first, today]));
  report.add(
    'history of an instance, all days, read',
    await median(9, () => readHistory(pool, { instanceId: 7, startDate: first, endDate: today, databaseName: null })),
    {
      limit: bareHistory,
      limitName: 'the bare query',
    },
  );
  await overHttp(pool, async (get) => {
    const path = `/api/v1/instances/7/database-sizes?start_date=${first}&end_date=${today}`;
    await get(path);
    report.add('the same over HTTP', await median(9, () => get(path)), {
      limit: bareHistory,
      limitName: 'the bare query',
      target: 1.5,
    });
    const trends = '/api/v1/instances/7/database-sizes/trends?period_type=monthly';
    const bareTrends = await median(9, () =>
      pool.query("SELECT * FROM database_size_aggregations WHERE instance_id = $1 AND period_type = 'monthly'", [7]),
    );
    report.add('trends of an instance over HTTP', await median(9, () => get(trends)), {
      limit: bareTrends,
      limitName: 'its stored rows, bare',
    });
  });
  const { rows: plan } = await pool.query(`EXPLAIN (COSTS OFF, ANALYZE, TIMING OFF, SUMMARY ON) ${historyQuery}`, [
    ...[7, addDays(today, -29), today],
  ]);
  report.plan(
    'history of an instance, 30 days',
    plan.map((row) => row['QUERY PLAN']),
  );

  const bareLatest = await median(5, () =>
    pool.query(
      'SELECT instance_id, database_name, collected_at, method, size_bytes, log_bytes, index_bytes, temp_bytes FROM database_latest',
    ),
  );
  report.add('latest state of the fleet', await median(5, () => readLatest(pool)), {
    limit: bareLatest,
    limitName: 'bare read of as many rows',
    target: 1.3,
  });

  const past = addDays(today, -30);
  const twoPoints = await median(5, () =>
    pool.query(
      `SELECT now.instance_id, now.database_name, now.size_bytes - past.size_bytes AS change
       FROM database_size_stats AS now JOIN database_size_stats AS past USING (instance_id, database_name)
       WHERE now.collected_date = $1 AND past.collected_date = $2 ORDER BY change DESC LIMIT 10`,
      [today, past],
    ),
  );
  const growthOf = (groupBy, days) => () =>
    readGrowth(pool, {
      today,
      days,
      groupBy,
      labelKey: groupBy === 'label' ? 'environment' : null,
      fleet: { visibleTo: null },
      databaseName: null,
      order: 'growth',
      limit: 10,
      offset: 0,
    });
  report.add('top 10 growers over 30 days', await median(5, growthOf('database', 30)), {
    limit: twoPoints,
    limitName: 'two-point query',
    target: 1.3,
  });
  for (const group of ['instance', 'owner', 'label', 'fleet']) {
    report.add(`growth by ${group} over 30 days`, await median(3, growthOf(group, 30)), {
      limit: twoPoints,
      limitName: 'two-point query',
    });
  }

  const scan = await once(() =>
    pool.query(
      'SELECT collected_date, sum(size_bytes) FROM database_size_stats WHERE collected_date BETWEEN $1 AND $2 GROUP BY 1',
      [first, today],
    ),
  );
  report.add(
    'fleet total per day, all days',
    await median(5, () =>
      readSeries(pool, {
        ...{ fleet: { visibleTo: null }, startDate: first, endDate: today },
        ...{ measure: 'size', groupBy: 'fleet', labelKey: null, top: 20 },
      }),
    ),
    {
      limit: scan,
      limitName: 'scan of the history',
      target: 20,
      atLeast: true,
      inverse: true,
    },
  );
  report.add(
    'statistics of an instance, all months',
    await median(9, () =>
      readPeriodStatistics(pool, { instanceId: 7, startDate: null, endDate: null, databaseName: null }, 'monthly'),
    ),
  );
  report.add('forecasts of the whole fleet, 90 days', await median(3, () => readForecasts(pool, { today })));
  report.add(
    'growth of the whole fleet over 7, 30, 90 days',
    await median(3, () => readGrowthWindows(pool, today, [7, 30, 90])),
  );
}
