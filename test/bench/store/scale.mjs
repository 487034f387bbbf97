// The same questions, asked of a long and of a short history.
import { readHistory } from '../../../exporter/dist/store/measurements.js';
import { addDays } from '../../../exporter/dist/store/periods.js';
import { middle, once } from '../report.mjs';
import { today } from './fleet.mjs';

/** The same questions with a tenth of the history. */
export async function measureScale({ large, short, report }) {
  const questions = {
    'an instance, 30 days': (pool) =>
      readHistory(pool, { instanceId: 7, startDate: addDays(today, -29), endDate: today, databaseName: null }),
    'a database, 30 days': (pool) =>
      readHistory(pool, { instanceId: 7, startDate: addDays(today, -29), endDate: today, databaseName: 'database_5' }),
    'the fleet, one day': (pool) =>
      pool.query('SELECT instance_id, sum(size_bytes) FROM database_size_stats WHERE collected_date = $1 GROUP BY 1', [
        today,
      ]),
  };
  for (const [what, ask] of Object.entries(questions)) {
    const [few, many] = [[], []];
    for (let time = 0; time < 15; time += 1) {
      few.push(await once(() => ask(short)));
      many.push(await once(() => ask(large)));
    }
    report.add(`with all of the history: ${what}`, middle(many), {
      limit: middle(few),
      limitName: 'a shorter history',
      target: 1.2,
    });
  }
}
