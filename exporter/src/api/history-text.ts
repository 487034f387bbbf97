import type { HistoryText } from '../store/history.ts';

/** The answer about a history, `{"data": [{"database_name", "stats": […]}]}`, piece by piece as it is read. */
export async function* historyText(portions: AsyncIterable<readonly HistoryText[]>): AsyncGenerator<string> {
  let before = '{"data":[';
  for await (const portion of portions) {
    const entries = portion.map(
      ({ databaseName, days }) => `{"database_name":${JSON.stringify(databaseName)},"stats":[${days}]}`,
    );
    if (entries.length === 0) continue;
    yield before + entries.join(',');
    before = ',';
  }
  yield before === ',' ? ']}' : `${before}]}`;
}
