import { z } from 'zod';
import { refreshInstance } from '../statistics/aggregate.ts';
import { predict, readForecasts, type Forecast } from '../statistics/forecast.ts';
import { selectInstances } from '../store/fleet-filter.ts';
import { addDays, dayIn } from '../store/periods.ts';
import { fleetOf, fleetParameters } from './fleet-parameters.ts';
import { fleetForecast, predictedForecast } from './forecasts.schemas.ts';
import { requireInstance } from './known-instance.ts';
import { databaseName, idParameter, sortBy, wholeNumber } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { page, table, type AnswerOf } from './routing/response.ts';

const days = wholeNumber(28, 1000).default(90).meta({ description: 'How many days of history it rests on.' });

const forecastColumns = Object.keys(predictedForecast.shape).filter((name) => name !== 'predicted');

/** Where sizes are going: `/forecasts`, `/instances/{id}/forecasts` */
export const forecastsRoutes: readonly Route[] = [
  defineRoute('GET /instances/{id}/forecasts', {
    tag: 'Statistics',
    summary: 'Where the databases of an instance are going, and when they are full',
    description:
      'A straight line through the weekly sizes (least squares), from which bulk loads and purges are taken out. Databases that ' +
      'are gone, those with fewer than four weeks of history, and those of an instance that is not active have none.',
    params: idParameter,
    query: z.strictObject({
      database_name: databaseName,
      days,
      horizon_days: wholeNumber(1, 3660).default(180).meta({ description: 'How many days ahead it goes.' }),
    }),
    response: table(predictedForecast, {
      columns: [...forecastColumns, 'day', 'predicted_bytes', 'low_bytes', 'high_bytes'],
      lines: ({ predicted, ...forecast }) =>
        predicted.t.map((day, index) => ({
          ...forecast,
          day,
          predicted_bytes: predicted.size_bytes[index],
          low_bytes: predicted.low_bytes[index],
          high_bytes: predicted.high_bytes[index],
        })),
    }),
    example: { params: { id: 1 }, query: { database_name: 'shop', horizon_days: 365 } },
    handler: async ({ params, query, visibleTo, context: { pool, timezone } }) => {
      await requireInstance(pool, params.id, visibleTo);
      const today = dayIn(timezone, new Date());
      await refreshInstance(pool, params.id, today);
      const instanceIds = [params.id];
      const only = query.database_name ?? null;
      const forecasts = await readForecasts(pool, { today, days: query.days, instanceIds, databaseName: only });
      return forecasts.map((forecast) => {
        const { days: t, sizeBytes, lowBytes, highBytes } = predict(forecast, query.horizon_days);
        const predicted = { t, size_bytes: sizeBytes, low_bytes: lowBytes, high_bytes: highBytes };
        return { ...describeForecast(forecast, timezone), predicted };
      });
    },
  }),

  defineRoute('GET /forecasts', {
    tag: 'Fleet',
    summary: 'Where the databases of the fleet are going, those that are full first coming first',
    description:
      'As /instances/{id}/forecasts, without the sizes to come. They rest on the statistics of the last aggregation; those that ' +
      'are not going to be full come last, the fastest growing first.',
    query: z.strictObject({
      ...fleetParameters,
      days,
      within_days: wholeNumber(0, 3660)
        .optional()
        .meta({ description: 'Only those that are full within so many days.' }),
      sort: sortBy(['full_at'], 'full_at'),
    }),
    response: page(fleetForecast),
    example: { query: { within_days: 180, label: 'environment=production' } },
    handler: async ({ query, page: { limit, offset }, visibleTo, context: { pool, timezone } }) => {
      const today = dayIn(timezone, new Date());
      const instanceIds = await selectInstances(pool, fleetOf(query, visibleTo));
      const forecasts = await readForecasts(pool, { today, days: query.days, instanceIds });
      const found = forecasts
        .filter(isFullBy(query.within_days === undefined ? null : addDays(today, query.within_days), timezone))
        .sort(byFullAt(query.sort.descending ? -1 : 1));
      const rows = found.slice(offset, offset + limit).map((forecast) => ({
        instance_id: forecast.instanceId,
        instance_name: forecast.instanceName,
        engine: forecast.engine,
        owner: forecast.owner,
        ...describeForecast(forecast, timezone),
      }));
      return { rows, total: found.length };
    },
  }),
];

/** @param lastDay YYYY-MM-DD; null: whatever it is */
function isFullBy(lastDay: string | null, timezone: string): (forecast: Forecast) => boolean {
  return ({ fullAt }) => lastDay === null || (fullAt !== null && dayIn(timezone, fullAt) <= lastDay);
}

/** What is never full comes last in both directions; the rest of the order keeps pages apart. */
function byFullAt(direction: 1 | -1): (one: Forecast, other: Forecast) => number {
  return (one, other) => {
    if (one.fullAt !== null && other.fullAt !== null && one.fullAt.getTime() !== other.fullAt.getTime()) {
      return direction * (one.fullAt.getTime() - other.fullAt.getTime());
    }
    if ((one.fullAt === null) !== (other.fullAt === null)) return one.fullAt === null ? 1 : -1;
    return (
      other.changeBytesPerDay - one.changeBytesPerDay ||
      one.instanceId - other.instanceId ||
      (one.databaseName < other.databaseName ? -1 : 1)
    );
  };
}

function describeForecast(forecast: Forecast, timezone: string): Omit<AnswerOf<typeof predictedForecast>, 'predicted'> {
  return {
    database_name: forecast.databaseName,
    from_date: forecast.fromDate,
    to_date: forecast.toDate,
    points: forecast.points,
    change_bytes_per_day: Math.round(forecast.changeBytesPerDay),
    r_squared: forecast.rSquared,
    size_bytes: forecast.sizeBytes,
    limit_bytes: forecast.limitBytes,
    full_at: forecast.fullAt === null ? null : dayIn(timezone, forecast.fullAt),
  };
}
