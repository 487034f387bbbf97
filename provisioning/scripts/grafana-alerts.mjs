// Makes provisioning/grafana/alerting/rules.yml from the alerts of provisioning/prometheus/rules: the same alerts, evaluated by
// Grafana on the Prometheus data source, which keeps the recording rules. Run after a change: npm run provisioning
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

const folder = new URL('../', import.meta.url);
const rulesFolder = new URL('prometheus/rules/', folder);
const target = new URL('grafana/alerting/rules.yml', folder);

/** The uid of the data source in provisioning/grafana/datasources. */
const dataSource = 'prometheus';

/** How far Grafana's query editor looks back; the queries themselves are of one moment. */
const range = { from: 600, to: 0 };

/** A number of another series in a text: `{{ with printf "series{a=%q}" $labels.a | query }}{{ . | first | value | humanize1024 }}{{ end }}` */
const lookedUp =
  /\{\{ with printf "([\w:]+)\{[^"]*\}" (?:\$labels\.\w+ )+\| query \}\}\{\{ \. \| first \| value \| (\w+) \}\}\{\{ end \}\}/g;

/** @returns the document as it is to be written */
export function grafanaAlerts() {
  const groups = readdirSync(rulesFolder)
    .filter((name) => name.endsWith('.yml'))
    .sort()
    .flatMap((name) => parse(readFileSync(new URL(name, rulesFolder), 'utf8')).groups)
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => rule.alert !== undefined) }))
    .filter((group) => group.rules.length > 0);
  const document = {
    apiVersion: 1,
    groups: groups.map(({ name, interval = '1m', rules }) => ({
      orgId: 1,
      name,
      folder: 'Tidemark',
      interval,
      rules: rules.map(grafanaRule),
    })),
  };
  const note = '# Made from provisioning/prometheus/rules by npm run provisioning: change the alerts there.\n';
  return note + stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

function grafanaRule({ alert, expr, for: pending, labels, annotations }) {
  const queries = new Map([[expr.trim(), 'A']]);
  const texts = Object.entries(annotations)
    // A list of series cannot be looked up in a text of Grafana's.
    .filter(([, text]) => !text.includes('{{ range '))
    .map(([name, text]) => [name, grafanaText(text, queries)]);
  return {
    uid: alert.replaceAll(/([a-z])([A-Z])/g, '$1-$2').toLowerCase(),
    title: alert,
    condition: 'C',
    data: [
      ...[...queries].map(([query, refId]) => promQuery(refId, query)),
      // What the query returns is a reason for the alert, whatever its value, as in Prometheus.
      {
        refId: 'C',
        datasourceUid: '__expr__',
        relativeTimeRange: range,
        model: { refId: 'C', type: 'math', expression: 'is_number($A) || is_inf($A)' },
      },
    ],
    noDataState: 'OK',
    execErrState: 'Error',
    for: pending,
    labels,
    annotations: Object.fromEntries(texts),
    isPaused: false,
  };
}

function promQuery(refId, expr) {
  const model = { refId, expr, instant: true, range: false, editorMode: 'code' };
  return { refId, datasourceUid: dataSource, relativeTimeRange: range, model };
}

/** `$value` is that of query A; what is looked up elsewhere becomes a query of its own, matched by its labels. */
function grafanaText(text, queries) {
  const translated = text
    .replace(lookedUp, (_whole, series, format) => {
      const refId = queries.get(series) ?? `Q${queries.size}`;
      queries.set(series, refId);
      return `{{ with $values.${refId} }}{{ ${format} .Value }}{{ end }}`;
    })
    .replaceAll('$value }}', '$values.A.Value }}')
    .replaceAll('$value |', '$values.A.Value |');
  if (/\bquery\b/.test(translated)) throw new Error(`a text that Grafana does not understand: ${text}`);
  return translated;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, grafanaAlerts());
