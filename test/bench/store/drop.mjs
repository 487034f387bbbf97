// Months go: by the retention, by hand, and by DELETE.
import { aggregate } from '../../../exporter/dist/statistics/aggregate.js';
import { addDays, periodOf } from '../../../exporter/dist/store/periods.js';
import { applyRetention } from '../../../exporter/dist/store/retention.js';
import { once } from '../report.mjs';
import { today } from './fleet.mjs';

export async function measureDrop({ large: pool, report, fleet }) {
  await aggregate(pool, today);
  // Two full months of the same size: one by the retention, one by DELETE.
  const oldest = addDays(today, 1 - fleet.days);
  const droppedTo = periodOf('monthly', oldest, 2).start;
  const retention = { days: Math.round((Date.parse(today) - Date.parse(droppedTo)) / 86_400_000), months: 0 };
  const started = await once(async () => {
    const { dropped } = await applyRetention(pool, today, retention);
    const months = dropped.filter(({ table }) => table === 'database_size_stats');
    if (months.length !== 2) throw new Error(`${months.length} months dropped, expected 2`);
  });
  report.add('retention: two months found, counted, dropped', started);
  const name = (offset) =>
    `database_size_stats_${periodOf('monthly', oldest, offset).start.slice(0, 7).replace('-', '_')}`;
  const detach = await once(async () => {
    await pool.query(
      `BEGIN; ALTER TABLE database_size_stats DETACH PARTITION ${name(2)}; DROP TABLE ${name(2)}; COMMIT`,
    );
  });
  const { start, end } = periodOf('monthly', oldest, 3);
  const del = await once(() =>
    pool.query('DELETE FROM database_size_stats WHERE collected_date BETWEEN $1 AND $2', [start, end]),
  );
  // DELETE alone frees nothing.
  const vacuum = await once(() => pool.query(`VACUUM ${name(3)}`));
  report.add('DETACH and DROP of a month', detach, {
    limit: del + vacuum,
    limitName: 'DELETE of a month and VACUUM',
    atLeast: true,
    inverse: true,
  });
  report.add('DETACH and DROP of a month: the parent is locked', detach, {
    limit: del,
    limitName: 'DELETE of a month',
    target: 50,
    atLeast: true,
    inverse: true,
  });
}
