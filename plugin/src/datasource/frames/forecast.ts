import type { DataFrame } from '@grafana/data';
import { t } from '@grafana/i18n';

import type { PredictedForecast } from '../../data/resources/forecasts';
import { plain } from '../../format/text';
import type { QueryRange } from '../query/range';
import type { SeriesQuery } from '../query/types';
import { lineFrame } from './series';

/** A dashed line for what is expected, and a band around it for how sure that is. */
export function forecastFrames(
  query: SeriesQuery,
  forecasts: readonly PredictedForecast[],
  range: QueryRange,
): DataFrame[] {
  return forecasts.flatMap(({ database_name: database, predicted }) => {
    const times = predicted.t.map(range.timeOf);
    const labels = { database };
    const named = plain({ database });
    const low = t('forecast.low', '{{database}}, low', named);
    return [
      lineFrame(
        query,
        t('forecast.expected', '{{database}}, forecast', named),
        { ...labels, forecast: 'expected' },
        times,
        predicted.size_bytes,
        {
          custom: { lineStyle: { fill: 'dash', dash: [8, 6] }, fillOpacity: 0 },
        },
      ),
      lineFrame(query, low, { ...labels, forecast: 'low' }, times, predicted.low_bytes, {
        custom: { lineWidth: 0, fillOpacity: 0, hideFrom: { legend: true, tooltip: false, viz: false } },
      }),
      lineFrame(
        query,
        t('forecast.high', '{{database}}, high', named),
        { ...labels, forecast: 'high' },
        times,
        predicted.high_bytes,
        {
          custom: {
            lineWidth: 0,
            fillOpacity: 12,
            fillBelowTo: low,
            hideFrom: { legend: true, tooltip: false, viz: false },
          },
        },
      ),
    ];
  });
}
