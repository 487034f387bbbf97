// What silences what: alertmanager.yml as it ships, in a real Alertmanager that is told of alerts.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeWhere } from '../support/describe-where.ts';
import { startAlertmanager, whyNoAlertmanager, type TestAlertmanager } from '../support/alertmanager.ts';
import { until } from '../support/wait.ts';
import { readAlerts } from './support/shipped.ts';
import { shortenedAlertmanager } from './support/shortened.ts';
import { startWebhook, type Webhook } from './support/webhook.ts';

const patience = 60_000;

type Labels = Readonly<Record<string, string>>;

/** Labels as the rules give them. */
const about = (alertname: string, labels: Labels = {}): Labels => ({ alertname, severity: 'warning', ...labels });

const names = readAlerts().map(({ alert }) => alert);
const on = (instance: string, more: Labels = {}): Labels => ({ db_instance: instance, engine: 'sqlserver', ...more });

describeWhere(whyNoAlertmanager(), 'an alert', () => {
  let webhook: Webhook;
  let alertmanager: TestAlertmanager;

  beforeEach(async () => {
    webhook = await startWebhook();
    alertmanager = await startAlertmanager(shortenedAlertmanager(webhook.url));
  }, patience);

  afterEach(async () => {
    await alertmanager.close();
    await webhook.close();
  });

  const cases: [what: string, source: Labels, silent: readonly Labels[], told: readonly Labels[]][] = [
    [
      'that no exporter answers silences all others of Tidemark',
      about('TidemarkExporterDown'),
      names.filter((name) => name !== 'TidemarkExporterDown').map((name) => about(name, on('orders'))),
      [about('OfSomebodyElse')],
    ],
    [
      'that the repository is away silences what is late because of it',
      about('TidemarkRepositoryDown'),
      ['TidemarkCollectionStale', 'TidemarkInstanceNeverMeasured', 'TidemarkJobLate'].map((name) => about(name)),
      [about('TidemarkCollectionFailed', on('orders')), about('TidemarkVolumeFull', on('orders', { volume: '/a' }))],
    ],
    [
      'that a volume is full in days silences that it is in weeks',
      about('TidemarkVolumeFull', on('orders', { volume: '/a' })),
      [about('TidemarkVolumeFillingUp', on('orders', { volume: '/a' }))],
      [
        about('TidemarkVolumeFillingUp', on('orders', { volume: '/b' })),
        about('TidemarkVolumeFillingUp', on('stock', { volume: '/a' })),
        about('TidemarkDatabaseFillingUp', on('orders', { database: 'shop' })),
      ],
    ],
    [
      'that a log is full silences that it is large',
      about('TidemarkDatabaseLogFull', on('orders', { database: 'shop' })),
      [about('TidemarkDatabaseLogOutOfProportion', on('orders', { database: 'shop' }))],
      [about('TidemarkDatabaseLogOutOfProportion', on('orders', { database: 'books' }))],
    ],
  ];

  test.each(cases)(
    '%s',
    async (_what, source, silent, told) => {
      await alertmanager.raise([source]);
      const toldOf = (labels: Labels): boolean =>
        webhook.told.some((alert) => JSON.stringify(sorted(alert.labels)) === JSON.stringify(sorted(labels)));
      await until(() => toldOf(source), 'the first alert is told', patience);
      await alertmanager.raise([...silent, ...told]);
      await until(() => told.every(toldOf), 'what is not silent is told', patience);
      const isSettled = async (): Promise<boolean> =>
        (await alertmanager.alerts()).every(({ status }) => status.state !== 'unprocessed');
      await until(isSettled, 'every alert has its state', patience);
      const suppressed = (await alertmanager.alerts()).filter(({ status }) => status.state === 'suppressed');
      const texts = (all: readonly Labels[]): string[] => all.map((labels) => JSON.stringify(sorted(labels))).sort();
      expect(texts(suppressed.map(({ labels }) => labels))).toEqual(texts(silent));
      expect(silent.filter(toldOf)).toEqual([]);
    },
    2 * patience,
  );
});

function sorted(labels: Labels): [string, string][] {
  return Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1));
}
