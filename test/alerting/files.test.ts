import { describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describeWhere } from '../support/describe-where.ts';
import { whyNoAlertmanager } from '../support/alertmanager.ts';
import { whyNoPrometheus } from '../support/prometheus.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';
import { alertmanagerFile, provisioning, readAlerts, readRules } from './support/shipped.ts';

const ymlIn = (folder: string): string[] =>
  readdirSync(join(provisioning, folder))
    .filter((name) => name.endsWith('.yml'))
    .map((name) => join(provisioning, folder, name));

/** What a program says of its input. @throws with all of it where it is not content */
const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

describeWhere(whyNoPrometheus(), 'promtool', () => {
  test('finds nothing wrong with the rules and the configuration that loads them', () => {
    const said = run('promtool', 'check', 'rules', '--lint=all', '--lint-fatal', ...ymlIn('prometheus/rules'));
    const found = [...said.matchAll(/SUCCESS: (\d+) rules found/g)].map(([, count]) => Number(count));
    expect(found.reduce((sum, count) => sum + count, 0)).toBe(readRules().length);
    const config = run('promtool', 'check', 'config', join(provisioning, 'prometheus/prometheus.yml'));
    expect(config).toContain(`SUCCESS: ${ymlIn('prometheus/rules').length} rule files found`);
  });

  test('would find something', () => {
    const folder = createTemporaryFolder();
    const broken = folder.write('broken.yml', 'groups: [{ name: a, rules: [{ alert: B, expr: "sum by (" }] }]');
    expect(spawnSync('promtool', ['check', 'rules', broken]).status).not.toBe(0);
    folder.remove();
  });

  test('finds that the alerts fire when they should, and only then', () => {
    const tests = ymlIn('prometheus/tests');
    expect(run('promtool', 'test', 'rules', ...tests).match(/SUCCESS/g)?.length).toBe(tests.length);
  }, 240_000);

  test('is asked by them about every alert', () => {
    const text = ymlIn('prometheus/tests').map((path) => readFileSync(path, 'utf8'));
    const untested = readAlerts().filter(({ alert }) => !text.join('').includes(`alertname: ${alert}\n`));
    expect(untested.map(({ alert }) => alert)).toEqual([]);
  });
});

describeWhere(whyNoAlertmanager(), 'amtool', () => {
  test('finds nothing wrong with the configuration', () => {
    expect(run('amtool', 'check-config', alertmanagerFile)).toContain('SUCCESS');
  });

  test.each([
    ['nobody', {}, 'dba'],
    ['nobody, urgent', { severity: 'critical' }, 'dba-on-call'],
    ['an owner without a block', { owner: 'team-unknown', severity: 'warning' }, 'dba'],
    ['an owner without a block, urgent', { owner: 'team-unknown', severity: 'critical' }, 'dba-on-call'],
    ['an owner', { owner: 'team-orders', severity: 'warning' }, 'team-orders'],
    ['an owner, urgent', { owner: 'team-orders', severity: 'critical' }, 'team-orders-on-call'],
    ['those who run Tidemark', { owner: 'tidemark', severity: 'warning' }, 'tidemark-operators'],
    ['those who run Tidemark, urgent', { owner: 'tidemark', severity: 'critical' }, 'dba-on-call'],
  ])('says that what concerns %s (%j) goes to %s', (_whom, labels, receiver) => {
    const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    const said = run('amtool', 'config', 'routes', 'test', `--config.file=${alertmanagerFile}`, ...pairs);
    expect(said.trim()).toBe(receiver);
  });
});

describe('every alert', () => {
  const alerts = readAlerts();
  const runbook = readFileSync(join(provisioning, 'README.md'), 'utf8');
  const sections = [...runbook.matchAll(/^## (\w+)$/gm)].map(([, title = '']) => title.toLowerCase());

  test.each(alerts)('$alert says how urgent it is, and what to do', (alert) => {
    expect(alert.labels.severity).toMatch(/^(warning|critical)$/);
    const { summary, description, runbook: link = '' } = alert.annotations;
    expect(summary?.length).toBeGreaterThan(10);
    expect(description?.length).toBeGreaterThan(20);
    const [, section = ''] = /^provisioning\/README\.md#(\w+)$/.exec(link) ?? [];
    expect(sections).toContain(section);
    // For its owner: by a label of its own, or by that of the instance.
    expect(alert.labels.owner === 'tidemark' || alert.expr.includes('instance:tidemark_instance_owner:info')).toBe(
      true,
    );
  });
});

describe('the alerts of Grafana', () => {
  const path = join(provisioning, 'grafana/alerting/rules.yml');

  test('are what is made from those of Prometheus: npm run provisioning writes them', async () => {
    const script = join(provisioning, 'scripts/grafana-alerts.mjs');
    const { grafanaAlerts } = (await import(script)) as { grafanaAlerts: () => string };
    expect(readFileSync(path, 'utf8')).toBe(grafanaAlerts());
  });

  test('are all of them, with their expressions, their labels, and their patience', () => {
    const { groups } = parse(readFileSync(path, 'utf8')) as {
      groups: {
        rules: { title: string; for: string; labels: object; data: { refId: string; model: { expr?: string } }[] }[];
      }[];
    };
    const made = groups
      .flatMap(({ rules }) => rules)
      .map(({ title, labels, data, ...rule }) => ({
        ...{ alert: title, for: rule.for, labels },
        expr: data.find(({ refId }) => refId === 'A')?.model.expr,
      }));
    const wanted = readAlerts().map(({ alert, for: pending, labels, expr }) => ({
      ...{ alert, for: pending, labels, expr: expr.trim() },
    }));
    const byName = (one: { alert: string }, other: { alert: string }): number => (one.alert < other.alert ? -1 : 1);
    expect(made.sort(byName)).toEqual(wanted.sort(byName));
  });
});
