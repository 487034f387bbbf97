// Every query that ships is asked of a real Prometheus, which scrapes real exporters of a fleet in which everything is wrong.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { describeWhere } from '../support/describe-where.ts';
import { Exporters } from '../support/exporters.ts';
import { freePort } from '../support/ports.ts';
import type { ServingProcess } from '../support/processes.ts';
import { startPrometheus, whyNoPrometheus, type TestPrometheus } from '../support/prometheus.ts';
import { createCuttableWay, type CuttableWay } from '../support/repository-outage.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { until } from '../support/wait.ts';
import { dashboardExpressions, ruleExpressions, type Expression } from './support/expressions.ts';
import { recordedBefore, writeRowWithoutPartition, writeTroubledFleet } from './support/fleet.ts';
import { readAlerts } from './support/shipped.ts';
import { shortenedPrometheus } from './support/shortened.ts';

const patience = 120_000;

/** About the exporters, not about the fleet: each is provoked in a test of its own, at the end. */
const ofExporters = ['TidemarkSeriesCapReached', 'TidemarkRepositoryDown', 'TidemarkExporterDown'];

interface Series {
  readonly metric: Readonly<Record<string, string>>;
}

describeWhere(whyNoPrometheus(), 'on a fleet in trouble', () => {
  let repository: TestDatabase;
  let way: CuttableWay;
  let exporters: Exporters;
  let exporter: ServingProcess;
  let limitedPort: string;
  let prometheus: TestPrometheus;

  beforeAll(async () => {
    repository = await createTestDatabase();
    await writeTroubledFleet(repository.pool);
    way = await createCuttableWay(repository.url);
    // It knows what is due, and does none of it.
    exporters = new Exporters(way.url, [], { TIDEMARK_ROLE: 'api', COLLECT_DB_SIZE_ENABLED: 'true' });
    exporter = await exporters.start();
    await writeRowWithoutPartition(repository.pool);
    limitedPort = String(await freePort());
    const targets = [new URL(exporter.url).host, `127.0.0.1:${limitedPort}`];
    prometheus = await startPrometheus(recordedBefore(new Date()), shortenedPrometheus(targets, null));
  }, patience);

  afterAll(async () => {
    await prometheus.close();
    await exporters.close();
    await way.cut();
    await repository.close();
  });

  /** Waits until every expression has an answer that is whole. @throws with those that have none */
  async function answered(expressions: readonly Expression[]): Promise<void> {
    let waiting = expressions;
    let complaints: (string | null)[] = ['not asked'];
    for (const end = Date.now() + patience / 2; complaints.length > 0 && Date.now() < end;) {
      const answers = await Promise.all(
        waiting.map(async (expression) => ({ expression, complaint: await complaintAbout(expression) })),
      );
      const unanswered = answers.filter(({ complaint }) => complaint !== null);
      waiting = unanswered.map(({ expression }) => expression);
      complaints = unanswered.map(({ complaint }) => complaint);
      if (complaints.length > 0) await delay(500);
    }
    expect(complaints).toEqual([]);
  }

  /** @returns what is wrong with the answer, or null @throws where Prometheus refuses the expression */
  async function complaintAbout({ where, expression, labels }: Expression): Promise<string | null> {
    const series = await prometheus.query<Series>(expression, new Date());
    if (series.length === 0) return `${where}: no series`;
    const lost = labels.filter((label) => series.every(({ metric }) => metric[label] === undefined));
    return lost.length === 0 ? null : `${where}: no series has the label ${lost.join(', ')}`;
  }

  const rules = ruleExpressions();
  const named = (...names: string[]): Expression[] => rules.filter(({ where }) => names.includes(where));

  test(
    'every rule records something, or raises its alert',
    async () => {
      await answered(rules.filter(({ where }) => !ofExporters.includes(where)));
    },
    patience,
  );

  test(
    'every alert is raised with texts that are whole',
    async () => {
      const wanted = readAlerts().filter(({ alert }) => !ofExporters.includes(alert));
      const raised = await allRaised(wanted.map(({ alert }) => alert));
      for (const { alert, labels, annotations } of wanted) {
        for (const one of raised.filter(({ labels: { alertname } }) => alertname === alert)) {
          expect(one.labels).toMatchObject(labels);
          expect(Object.keys(one.annotations).sort()).toEqual(Object.keys(annotations).sort());
          const text = Object.values(one.annotations).join('\n');
          expect([alert, text]).toEqual([alert, expect.not.stringMatching(/error|<no value>|%!|\{\{|: ?B|NaN| {2}/)]);
        }
      }
    },
    patience,
  );

  test(
    'every query of a dashboard is answered',
    async () => {
      const expressions = dashboardExpressions();
      expect(expressions.length).toBeGreaterThan(50);
      await answered(expressions);
    },
    patience,
  );

  test(
    'an exporter that may show fewer series than there are says so',
    async () => {
      expect(await prometheus.query('tidemark_metrics_series_dropped > 0', new Date())).toEqual([]);
      const limited = await exporters.start({ TIDEMARK_PORT: limitedPort, TIDEMARK_METRICS_MAX_SERIES: '1000' });
      await answered(named('TidemarkSeriesCapReached'));
      limited.kill('SIGTERM');
      await limited.ended;
    },
    patience,
  );

  test(
    'a repository that is away is known from the exporters, and the exporters are known to be away from Prometheus',
    async () => {
      await way.cut();
      await answered(named('TidemarkRepositoryDown'));
      exporter.kill('SIGKILL');
      await answered(named('TidemarkExporterDown'));
    },
    patience,
  );

  interface RaisedAlert {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }

  /** Waits until each of them is there, pending or firing. */
  async function allRaised(names: readonly string[]): Promise<readonly RaisedAlert[]> {
    let raised: readonly RaisedAlert[] = [];
    const look = async (): Promise<boolean> => {
      const response = await fetch(`${prometheus.url}/api/v1/alerts`);
      raised = ((await response.json()) as { data: { alerts: RaisedAlert[] } }).data.alerts;
      return names.every((name) => raised.some(({ labels }) => labels.alertname === name));
    };
    await until(look, 'every alert is raised', patience / 2);
    return raised;
  }
});
