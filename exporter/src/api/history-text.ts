import { toMegabytes } from '../statistics/megabytes.ts';
import type { HistoryRow } from '../store/measurements.ts';

/**
 * The answer as text, row by row: objects for 18 000 rows and JSON.stringify over them take twice as long as the query. The rows
 * come ordered by database; what is put in unescaped are numbers, null, and dates and methods of our own.
 */
export function historyText(rows: readonly HistoryRow[]): string {
  const parts: string[] = ['{"data":['];
  let name: string | undefined;
  for (const row of rows) {
    if (row.databaseName === name) parts.push(',');
    else {
      parts.push(name === undefined ? '' : ']},', `{"database_name":${JSON.stringify(row.databaseName)},"stats":[`);
      name = row.databaseName;
    }
    parts.push(
      `{"collected_at":"${row.collectedAt.toISOString()}","collected_date":"${row.collectedDate}",` +
        `"size_mb":${toMegabytes(row.sizeBytes)},"data_size_mb":${toMegabytes(row.dataBytes) ?? 'null'},` +
        `"log_size_mb":${toMegabytes(row.logBytes) ?? 'null'},"size_bytes":${row.sizeBytes},` +
        `"data_bytes":${row.dataBytes ?? 'null'},"log_bytes":${row.logBytes ?? 'null'},"method":"${row.method}"}`,
    );
  }
  parts.push(name === undefined ? ']}' : ']}]}');
  return parts.join('');
}
