import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { readPrometheus } from '../../../exporter/src/import/prometheus.ts';
import { ownSource, prometheusSources } from '../../../exporter/src/import/prometheus-sources.ts';
import { dayIn } from '../../../exporter/src/store/periods.ts';
import { randomNumbers, testSeed } from '../../support/history.ts';
import { whyNoPrometheus, startPrometheus, type TestPrometheus, type TestSeries } from '../../support/prometheus.ts';

const timezone = 'America/New_York';
const firstDay = '2025-02-01';
const lastDay = '2026-03-07';
const seed = testSeed();
const missing = whyNoPrometheus();
const describeWithPrometheus = missing === null ? describe : describe.skip;

/** Scrapes at odd moments, with gaps, between two days. */
function samplesOf(name: string, from = firstDay, to = '2026-03-09'): [number, number][] {
  const random = randomNumbers(seed + name.length * 7919 + (name.codePointAt(name.length - 1) ?? 0));
  const samples: [number, number][] = [];
  let size = Math.floor(random() * 1e12);
  for (let second = Date.parse(from) / 1000 + 61; second < Date.parse(to) / 1000; second += 6 * 3600 + 137) {
    size += Math.floor(random() * 1e9) - 3e8;
    // Some days without any.
    if (Math.floor(second / 86_400) % 17 !== 0) samples.push([second, Math.max(size, 4096)]);
  }
  return samples;
}

const mysqlTables = ['orders', 'lines', 'log'].flatMap((table) =>
  ['data_length', 'index_length', 'data_free'].map((component) => ({ schema: 'shop', table, component })),
);

const series: TestSeries[] = [
  ...['orders', 'billing', 'template1'].map((datname) => ({
    metric: 'pg_database_size_bytes',
    labels: { instance: 'db1.example.net:9187', job: 'postgres', datname },
    samples: samplesOf(datname),
  })),
  {
    metric: 'pg_database_size_bytes',
    labels: { instance: 'db1.example.net:9187', job: 'postgres', datname: 'dropped' },
    samples: samplesOf('dropped', '2025-04-01', '2025-11-02'),
  },
  ...mysqlTables.map((labels) => ({
    metric: 'mysql_info_schema_table_size',
    labels: { instance: 'db2:9104', ...labels },
    samples: samplesOf(labels.table + labels.component),
  })),
  ...['data', 'log'].map((type) => ({
    metric: 'tidemark_database_size_bytes',
    labels: { instance: 'tidemark:9786', db_instance: 'erp-sql', database: 'ERP', engine: 'sqlserver', type },
    samples: samplesOf(`tidemark-${type}`),
  })),
  { metric: 'my_size', labels: { server: 'own', db: 'a' }, samples: samplesOf('own') },
];

/** The last value of each local day of a series, straight from its samples. */
function lastOfDays({ samples }: Pick<TestSeries, 'samples'>): Map<string, number> {
  const days = new Map<string, number>();
  for (const [second, value] of samples) {
    const day = dayIn(timezone, new Date(second * 1000));
    if (day >= firstDay && day <= lastDay) days.set(day, value);
  }
  return days;
}

describeWithPrometheus(
  `400 days of a Prometheus (seed ${seed}${missing === null ? '' : `, skipped: ${missing}`})`,
  () => {
    let prometheus: TestPrometheus;
    beforeAll(async () => {
      prometheus = await startPrometheus(series);
    });
    afterAll(() => prometheus.close());

    const read = (sources = prometheusSources) =>
      readPrometheus({
        ...{ url: prometheus.url, sources, headers: {}, fromDay: firstDay, toDay: lastDay },
        ...{ timezone, deadline: 60_000 },
      });

    test('are read as the last value of each day, whatever the day is long and whenever it was scraped', async () => {
      const { rows, notes } = await read(prometheusSources.filter(({ name }) => name === 'postgres_exporter'));
      for (const database of ['orders', 'billing', 'dropped']) {
        const expected = lastOfDays(series.find(({ labels }) => labels.datname === database) ?? { samples: [] });
        const found = rows.filter(({ databaseName }) => databaseName === database);
        expect(new Map(found.map((row) => [row.collectedDate, row.sizeBytes]))).toEqual(expected);
        expect(
          found.every((row) => row.instanceName === 'db1.example.net:9187' && row.dataBytes === row.sizeBytes),
        ).toBe(true);
      }
      expect(new Set(rows.map(({ databaseName }) => databaseName))).toEqual(new Set(['orders', 'billing', 'dropped']));
      expect(notes).toEqual(['postgres_exporter: left out, as collections do: template1']);
      expect(rows.length).toBeGreaterThan(900);
    });

    test('are the numbers that the same Prometheus answers, also over its raw samples', async () => {
      const { rows } = await read(prometheusSources.filter(({ name }) => name === 'postgres_exporter'));
      // Its own account of a stretch with a change of the clock: 2 November 2025.
      const end = new Date('2025-11-10T05:00:00Z');
      const raw = await prometheus.query<{ metric: { datname: string }; values: [number, string][] }>(
        'pg_database_size_bytes[20d]',
        end,
      );
      let compared = 0;
      for (const { metric, values } of raw) {
        const samples = values.map(([second, value]): [number, number] => [second, Number(value)]);
        for (const [day, size] of lastOfDays({ samples })) {
          if (day <= '2025-10-21' || day >= '2025-11-10' || metric.datname === 'template1') continue;
          const row = rows.find((one) => one.databaseName === metric.datname && one.collectedDate === day);
          expect([day, metric.datname, row?.sizeBytes]).toEqual([day, metric.datname, size]);
          compared += 1;
        }
      }
      expect(compared).toBeGreaterThan(40);
    });

    test('put a schema together from the parts of its tables', async () => {
      const { rows } = await read(prometheusSources.filter(({ name }) => name === 'mysqld_exporter'));
      const parts = series
        .filter(({ metric }) => metric === 'mysql_info_schema_table_size')
        .map((part) => ({ component: part.labels.component ?? '', days: lastOfDays(part) }));
      const sum = (day: string, components: readonly string[]): number =>
        parts
          .filter(({ component }) => components.includes(component))
          .reduce((total, { days }) => total + (days.get(day) ?? 0), 0);
      const wrong = rows.filter(
        (row) =>
          row.sizeBytes !== sum(row.collectedDate, ['data_length', 'index_length', 'data_free']) ||
          row.dataBytes !== sum(row.collectedDate, ['data_length']) ||
          row.indexBytes !== sum(row.collectedDate, ['index_length']) ||
          row.usedBytes !== sum(row.collectedDate, ['data_length', 'index_length']) ||
          row.method !== 'estimate',
      );
      expect(wrong.slice(0, 3)).toEqual([]);
      expect(rows.length).toBeGreaterThan(350);
    });

    test('put a database together from its types, and take an own expression', async () => {
      const { rows } = await read(prometheusSources.filter(({ name }) => name === 'tidemark'));
      const [data, log] = series.filter(({ metric }) => metric === 'tidemark_database_size_bytes').map(lastOfDays);
      const wrong = rows.filter(({ collectedDate: day, ...row }) => {
        const parts = [data?.get(day), log?.get(day)];
        return row.dataBytes !== parts[0] || row.logBytes !== parts[1] || row.sizeBytes !== parts[0] + parts[1];
      });
      expect([rows[0]?.instanceName, rows[0]?.databaseName, wrong.slice(0, 3)]).toEqual(['erp-sql', 'ERP', []]);

      const own = await read([ownSource('sum by (server, db) (my_size) * 2', 'server', 'db')]);
      const expected = [...lastOfDays(series.at(-1) ?? { samples: [] })].map(([day, size]) => [
        'own',
        'a',
        day,
        size * 2,
      ]);
      const found = own.rows.map((row) => [row.instanceName, row.databaseName, row.collectedDate, row.sizeBytes]);
      expect(found).toEqual(expected);
    });

    test('reads every source that there is, and says so where there is none', async () => {
      const { rows } = await read();
      expect(new Set(rows.map(({ instanceName }) => instanceName))).toEqual(
        new Set(['db1.example.net:9187', 'db2:9104', 'erp-sql']),
      );
      await expect(read([ownSource('no_such_metric', 'instance', 'database')])).rejects.toThrow(
        `has no values of no_such_metric from ${firstDay} to ${lastDay}: look at --from, or name an own --query`,
      );
    });

    test('says what Prometheus has against an expression, and counts series without the labels', async () => {
      await expect(read([ownSource('sum by (', 'instance', 'database')])).rejects.toThrow(
        /query sum by \(: .*parse error/,
      );
      const { notes } = await read([ownSource('my_size or pg_database_size_bytes', 'server', 'db')]);
      expect(notes).toEqual([expect.stringMatching(/^query: \d+ series lack the label server or db$/)]);
    });
  },
);

describe('a server that is none', () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      response.statusCode = request.headers.authorization === 'Bearer good' ? 200 : 401;
      response.end('<html>');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const read = (address: string, headers: Record<string, string> = {}) =>
    readPrometheus({
      ...{ url: address, sources: prometheusSources, headers, fromDay: firstDay, toDay: firstDay },
      ...{ timezone, deadline: 5_000 },
    });

  test('is said so with what to do', async () => {
    await expect(read('http://127.0.0.1:1')).rejects.toThrow(/does not answer \(.*\): check the address/);
    await expect(read(url)).rejects.toThrow('refuses us (HTTP 401): give --token or --username');
    await expect(read(url, { authorization: 'Bearer good' })).rejects.toThrow(
      'HTTP 200, and no answer that Prometheus gives',
    );
  });
});
