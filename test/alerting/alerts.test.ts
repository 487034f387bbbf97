// A real exporter, Prometheus and Alertmanager with the files that ship: only their times are shortened (support/shortened.ts).
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { describeWhere } from '../support/describe-where.ts';
import { startAlertmanager, whyNoAlertmanager, type TestAlertmanager } from '../support/alertmanager.ts';
import { Exporters, instancesOfTestServer, sessionEnded, startRunOn } from '../support/exporters.ts';
import { freePort } from '../support/ports.ts';
import { createLogin, dropLogin, uniquePrefix } from '../support/postgresql-fixtures.ts';
import type { ServingProcess } from '../support/processes.ts';
import { startPrometheus, whyNoPrometheus, type TestPrometheus } from '../support/prometheus.ts';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { until } from '../support/wait.ts';
import { shortenedAlertmanager, shortenedPrometheus } from './support/shortened.ts';
import { startWebhook, type ToldAlert, type Webhook } from './support/webhook.ts';

const missing = whyNoPrometheus() ?? whyNoAlertmanager();
const patience = 120_000;

describeWhere(missing, 'an alert', () => {
  const login = `${uniquePrefix()}watcher`;
  let repository: TestDatabase;
  let exporters: Exporters;
  let exporter: ServingProcess;
  let webhook: Webhook;
  let alertmanager: TestAlertmanager;
  let prometheus: TestPrometheus;
  let port: string;

  beforeAll(async () => {
    repository = await createTestDatabase();
    await createLogin(login, 'secret');
    const changes = { username: login, password: 'secret', labels: { environment: 'production' } };
    const [orders, stock, stable] = instancesOfTestServer(3);
    exporters = new Exporters(
      repository.url,
      [
        { ...orders, name: 'orders', owner: 'team-orders', ...changes },
        { ...stock, name: 'stock', ...changes },
        { ...stable, name: 'stable', owner: 'team-orders' },
      ],
      { TIDEMARK_RETRIES: '0', TIDEMARK_PORT: (port = String(await freePort())) },
    );
    exporter = await exporters.start();
    await measureAll();
    webhook = await startWebhook();
    alertmanager = await startAlertmanager(shortenedAlertmanager(webhook.url));
    prometheus = await startPrometheus([], shortenedPrometheus([`127.0.0.1:${port}`], alertmanager.target));
  }, patience);

  afterAll(async () => {
    await prometheus.close();
    await alertmanager.close();
    await webhook.close();
    await exporters.close();
    await repository.close();
    await dropLogin(login);
  });

  async function measureAll(): Promise<void> {
    await sessionEnded(exporter, await startRunOn(exporter), patience);
  }

  const mayLogIn = (may: boolean): Promise<unknown> =>
    asSuperuser('postgres', `ALTER ROLE ${login} ${may ? 'LOGIN' : 'NOLOGIN'}`);

  /** Where the notifications of a test begin. */
  let begin = 0;
  beforeEach(() => {
    begin = webhook.told.length;
  });

  /** What somebody was told, in this test, of one alert about one instance. */
  const toldOf = (alert: string, instance?: string): ToldAlert[] =>
    webhook.told.slice(begin).filter(({ labels }) => labels.alertname === alert && labels.db_instance === instance);

  const isTold = (status: ToldAlert['status'], alert: string, instance?: string): Promise<void> =>
    until(
      () => toldOf(alert, instance).some((told) => told.status === status),
      `somebody is told that ${alert} of ${instance ?? 'Tidemark'} is ${status}`,
      patience,
    );

  /** Values of a series by instance. */
  async function recorded(series: string): Promise<Record<string, number>> {
    const found = await prometheus.query<{ metric: { db_instance?: string }; value: [number, string] }>(
      series,
      new Date(),
    );
    return Object.fromEntries(found.map(({ metric, value }) => [metric.db_instance ?? '', Number(value[1])]));
  }

  test(
    'is not there while all is well',
    async () => {
      const success = 'instance:tidemark_collection_success:max';
      await until(
        async () => Object.keys(await recorded(success)).length === 3,
        'the rules have seen the fleet',
        patience,
      );
      expect(await recorded(success)).toEqual({ orders: 1, stock: 1, stable: 1 });
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input: await (await fetch(`${exporter.url}/metrics`, { headers: { connection: 'close' } })).text(),
        encoding: 'utf8',
      });
      expect([status, stdout, stderr]).toEqual([0, '', '']);
      expect(Object.keys(await recorded('ALERTS{alertstate="firing",db_instance!=""}'))).toEqual([]);
      await until(async () => Object.keys(await recorded('ALERTS')).length === 0, 'no alert is left', patience);
      expect(webhook.told.filter(({ labels }) => labels.alertname !== 'TidemarkExporterDown')).toEqual([]);
    },
    patience,
  );

  test(
    'reaches the owner of an instance that cannot be measured, and is taken back when it can',
    async () => {
      await mayLogIn(false);
      await measureAll();
      await isTold('firing', 'TidemarkCollectionFailed', 'orders');
      await isTold('firing', 'TidemarkCollectionFailed', 'stock');
      const [ofOrders] = toldOf('TidemarkCollectionFailed', 'orders');
      expect(ofOrders?.receiver).toBe('team-orders');
      expect(ofOrders?.labels).toMatchObject({
        ...{ db_instance: 'orders', engine: 'postgresql', owner: 'team-orders' },
        ...{ environment: 'production', severity: 'warning' },
      });
      expect(ofOrders?.annotations.summary).toBe('orders could not be measured');
      // With the number that its text looks up.
      expect(ofOrders?.annotations.description).toMatch(/ Its sizes are those of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d/);
      // It has no owner.
      expect(toldOf('TidemarkCollectionFailed', 'stock')[0]?.receiver).toBe('dba');

      await mayLogIn(true);
      await measureAll();
      await isTold('resolved', 'TidemarkCollectionFailed', 'orders');
      await isTold('resolved', 'TidemarkCollectionFailed', 'stock');
      expect(toldOf('TidemarkCollectionFailed', 'stable')).toEqual([]);
      const ofInstances = webhook.told.filter(({ labels }) => labels.db_instance !== undefined);
      expect(new Set(ofInstances.map(({ labels }) => labels.alertname))).toEqual(new Set(['TidemarkCollectionFailed']));
    },
    2 * patience,
  );

  test(
    'that no exporter answers comes alone, and silences what is known of instances',
    async () => {
      await mayLogIn(false);
      await measureAll();
      await until(async () => (await stateOf('orders')) === 'active', 'the alert of the instance is active', patience);
      exporter.kill('SIGKILL');
      await exporter.ended;
      await isTold('firing', 'TidemarkExporterDown');
      expect(toldOf('TidemarkExporterDown')[0]).toMatchObject({
        receiver: 'dba-on-call',
        labels: { severity: 'critical', owner: 'tidemark', job: 'tidemark' },
      });
      // The rules go on showing the last state for ten minutes: the alert is still there, and told to nobody.
      await until(
        async () => (await stateOf('orders')) === 'suppressed',
        'the alert of the instance is silent',
        patience,
      );
      expect(await stateOf('stock')).toBe('suppressed');

      exporter = await exporters.start();
      await isTold('resolved', 'TidemarkExporterDown');
      await until(async () => (await stateOf('orders')) === 'active', 'the alert is no longer silent', patience);
    },
    3 * patience,
  );

  /** How Alertmanager holds the alert about an instance that could not be measured. */
  async function stateOf(instance: string): Promise<string | undefined> {
    const alerts = await alertmanager.alerts();
    return alerts.find(
      ({ labels }) => labels.alertname === 'TidemarkCollectionFailed' && labels.db_instance === instance,
    )?.status.state;
  }
});
