// npm run bench -- store|collection [--small]: measures the repository at the size of a large fleet, or a run over one, on a
// PostgreSQL of its own in a scratch folder. Times differ between machines; the ratios, each within one run, are what counts.
import { prepare } from '../../exporter/scripts/prepare.mjs';

const benches = { store: './store.mjs', collection: './collection.mjs' };

const [name = '', ...options] = process.argv.slice(2);
const unknown = options.filter((option) => option !== '--small' && option !== '--keep-going');
if (!(name in benches) || unknown.length > 0) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')} [--small]`);
  process.exit(2);
}
prepare({ development: true });
const { run } = await import(benches[name]);
process.exitCode = await run({ small: options.includes('--small') });
