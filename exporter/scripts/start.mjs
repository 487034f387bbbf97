// npm start: everything from a fresh clone to a running exporter.
import { prepare } from './prepare.mjs';

prepare();
const { run } = await import('../dist/cli.js');
process.exitCode = await run(['serve']);
