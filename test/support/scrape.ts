import type { Metrics } from '../../exporter/src/metrics/metrics.ts';
import type { Format } from '../../exporter/src/metrics/text.ts';

/** What a scrape of this exporter is answered with. */
export async function scrapeText(metrics: Metrics, format: Format = 'text'): Promise<string> {
  const { text } = await metrics.scrape(format, 30_000);
  return Buffer.concat([...text()]).toString('utf8');
}
