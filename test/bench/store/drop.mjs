// Months go: by the retention, by hand, and by DELETE.
import { spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { aggregate } from '../../../exporter/dist/statistics/aggregate.js';
import { addDays, periodOf } from '../../../exporter/dist/store/periods.js';
import { applyRetention } from '../../../exporter/dist/store/retention.js';
import { once } from '../report.mjs';
import { today } from './fleet.mjs';

export async function measureDrop({ large: pool, report, fleet, folder }) {
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
  const drop = (offset) =>
    once(() =>
      pool.query(
        `BEGIN; ALTER TABLE database_size_stats DETACH PARTITION ${name(offset)}; DROP TABLE ${name(offset)}; COMMIT`,
      ),
    );
  // Nobody reads the oldest months any more: they are on disk, for both ways.
  await pool.query('CHECKPOINT');
  const files = await filesOf(pool, folder, name(2));
  const copies = copyAll(files, folder);
  evict([...files, ...(await filesOf(pool, folder, name(3))), ...copies]);
  const removal = await once(() => copies.forEach((copy) => rmSync(copy)));
  const probe = await watchWriters(pool);
  const detach = await drop(2);
  const longestWait = await probe.stop();
  const { start, end } = periodOf('monthly', oldest, 3);
  const del = await once(() =>
    pool.query('DELETE FROM database_size_stats WHERE collected_date BETWEEN $1 AND $2', [start, end]),
  );
  // DELETE alone frees nothing.
  const vacuum = await once(() => pool.query(`VACUUM ${name(3)}`));
  const against = (limit, limitName, target) => ({ limit, limitName, target, atLeast: true, inverse: true });
  report.add('DETACH and DROP of a month', detach, against(del, 'DELETE of a month', 50));
  report.add('DETACH and DROP of a month', detach, against(del + vacuum, 'DELETE of a month and VACUUM'));
  report.add('DETACH and DROP of a month', detach, {
    limit: removal,
    limitName: 'the system removes copies of its files',
  });
  report.add('meanwhile, a writer waits at most', longestWait, { limit: 1000, limitName: 'a second', target: 1 });
  // What was just read: the system has to give its memory back, page by page.
  await pool.query(`SELECT count(*), max(size_bytes) FROM ${name(4)}`);
  report.add('DETACH and DROP of a month that was just read', await drop(4));
}

/** Of a table and its indexes. */
async function filesOf(pool, folder, table) {
  const { rows } = await pool.query(
    `SELECT pg_relation_filepath(oid) AS path
     FROM pg_class
     WHERE oid = $1::regclass OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = $1::regclass)`,
    [table],
  );
  return rows.map(({ path }) => join(folder, 'postgresql', path));
}

/** Copies that are on disk, in the same file system. */
function copyAll(files, folder) {
  return files.map((file, index) => {
    const copy = join(folder, `copy-${index}`);
    copyFileSync(file, copy);
    const descriptor = openSync(copy, 'r+');
    fsyncSync(descriptor);
    closeSync(descriptor);
    return copy;
  });
}

/** Takes files out of the system's memory, where dd can do that. */
function evict(files) {
  for (const file of files) {
    const { status } = spawnSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' });
    if (status !== 0) console.error(`  ${file} stays in memory: there is no dd here that takes it out`);
  }
}

/** Writes a row of today again and again. @returns how to end that, and learn the longest that one write took */
async function watchWriters(pool) {
  let [longest, goesOn] = [0, true];
  const client = await pool.connect();
  const writing = (async () => {
    while (goesOn) {
      const write = () =>
        client.query(
          'UPDATE database_size_stats SET collected_at = collected_at WHERE instance_id = 1 AND database_name = $1 AND collected_date = $2',
          ['database_1', today],
        );
      longest = Math.max(longest, await once(write));
    }
    client.release();
  })();
  return {
    stop: async () => {
      goesOn = false;
      await writing;
      return longest;
    },
  };
}
