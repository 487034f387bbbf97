// The plugin in a browser without a Grafana server, in front of a running exporter:
//   node plugin/preview/server.mjs --exporter http://localhost:9786 --token-file FILE [--port 3000]
import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';
import { startPreview } from './start-preview.mjs';

const { values } = parseArgs({
  options: {
    exporter: { type: 'string', default: 'http://localhost:9786' },
    'token-file': { type: 'string' },
    port: { type: 'string', default: '3000' },
    plugin: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help || (values['token-file'] === undefined && process.env.TIDEMARK_TOKEN === undefined)) {
  console.error(
    'Usage: node plugin/preview/server.mjs --token-file FILE [--exporter URL] [--port N] [--plugin FOLDER]\n' +
      'The token may also come from the environment as TIDEMARK_TOKEN. It stays in this process; the browser never sees it.',
  );
  process.exit(values.help ? 0 : 1);
}

const preview = await startPreview({
  exporter: values.exporter,
  token: process.env.TIDEMARK_TOKEN ?? readFileSync(values['token-file'], 'utf8').trim(),
  port: Number(values.port),
  plugin: values.plugin,
  log: (line) => console.error(`Preview: ${line}`),
});
console.error(`Preview: ${preview.url}`);

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void preview.stop());
