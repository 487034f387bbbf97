import { readDashboards } from '../../exporter/dashboards/files.ts';
import { readRules } from './shipped.ts';

/** A query of what ships, and where it is. */
export interface Expression {
  readonly where: string;
  readonly expression: string;
  /** Labels that every series of the answer has to have. */
  readonly labels: readonly string[];
}

export function ruleExpressions(): Expression[] {
  return readRules().map((rule) => ({
    where: 'alert' in rule ? rule.alert : rule.record,
    expression: rule.expr,
    // What the texts of an alert speak of.
    labels: 'alert' in rule ? mentioned(JSON.stringify(rule.annotations), /\$labels\.(\w+)/g) : [],
  }));
}

/** Panels, variables and annotations of the dashboards, with the values that their variables have in this fleet. */
export function dashboardExpressions(): Expression[] {
  return [...readDashboards('prometheus')].flatMap(([path, { panels, templating, annotations }]) => [
    ...panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ refId, expr = '', legendFormat = '' }) => ({
        where: `${path}: ${title} ${refId}`,
        expression: filled(expr, 'orders'),
        labels: mentioned(legendFormat as string, /\{\{(\w+)\}\}/g),
      })),
    ),
    ...templating.list.map(({ name, query }) => {
      const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query.query ?? '') ?? [];
      const expression = filled(`count by (${label}) (${selector})`, 'orders');
      // An instance may have no owner.
      return { where: `${path}: $${name}`, expression, labels: label === 'owner' ? [] : [label] };
    }),
    ...annotations.list.map(({ name, expr = '' }) => ({
      where: `${path}: ${name}`,
      expression: filled(expr, 'broken'),
      labels: ['db_instance'],
    })),
  ]);
}

function mentioned(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))];
}

/** @param instance where a dashboard is about one; the others show all */
function filled(expression: string, instance: string): string {
  return expression
    .replaceAll('="$instance"', `="${instance}"`)
    .replaceAll('$__rate_interval', '1m')
    .replaceAll(/\$(engine|owner|instance|database)\b/g, '.*');
}
