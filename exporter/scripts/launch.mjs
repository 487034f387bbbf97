import { parseArgs } from 'node:util';
import { prepare } from './prepare.mjs';

const usage = `  --no-preview         without the preview of the Grafana app, which takes most of the installation
  --preview-port N     where the preview is; 3000, or any that is free where that is taken`;

/**
 * Everything from a fresh clone to an exporter that runs, with the preview of the Grafana app beside it.
 * @param {'serve' | 'demo'} command of tidemark
 */
export async function launch(command) {
  const { preview, port } = readOptions();
  prepare({ development: false, plugin: preview });
  // Whoever starts it like this sits at the machine: databases of the same machine are what they try first.
  process.env.TIDEMARK_ALLOW_LOCAL_TARGETS ??= 'true';
  const { run } = await import('../dist/cli.js');
  let beside = null;
  const started = async ({ url, adminToken }) => {
    if (!preview) return;
    const { startBeside } = await import('../../plugin/preview/beside.mjs');
    beside = startBeside({ exporter: url, token: adminToken?.reveal() ?? null, port });
  };
  process.exitCode = await run([command], (service) => void started(service));
  beside?.stop();
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        'no-preview': { type: 'boolean', default: false },
        'preview-port': { type: 'string', default: '3000' },
        help: { type: 'boolean', default: false },
      },
    });
    const port = Number(values['preview-port']);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${values['preview-port']} is no port`);
    if (!values.help) return { preview: !values['no-preview'], port };
    console.error(usage);
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
  }
  process.exit(2);
}
