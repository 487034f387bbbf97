// npm run bench -- store|browser|collection|metrics [--small]: measures the repository at the size of a large fleet, the pages on a
// large instance, a run over a fleet, or scrapes of one, on a PostgreSQL of its own in a scratch folder. Times differ between
// machines; the ratios, each within one run, are what counts.
import { parseArgs } from 'node:util';
import { prepare } from '../../exporter/scripts/prepare.mjs';

const benches = {
  store: './store.mjs',
  browser: './browser.mjs',
  collection: './collection.mjs',
  metrics: './metrics.mjs',
};
const usage = `usage: npm run bench -- ${Object.keys(benches).join('|')} [--small] [--only PART]… [--folder FOLDER]`;

function refuse(message) {
  console.error(`${message}\n${usage}`);
  process.exit(2);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        small: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        folder: { type: 'string' },
      },
    });
  } catch (error) {
    return refuse(error.message);
  }
}

const { values, positionals } = parse();
const [name = ''] = positionals;
if (!(name in benches)) refuse(`there is no benchmark "${name}"`);
prepare({ development: true });
const { run, partNames = [] } = await import(benches[name]);
const unknown = values.only.find((part) => !partNames.includes(part));
if (unknown !== undefined) refuse(`there is no part "${unknown}": ${partNames.join(', ')}`);
process.exitCode = await run({ small: values.small, only: values.only, folder: values.folder ?? null });
