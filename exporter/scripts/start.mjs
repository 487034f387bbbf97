// npm start: everything from a fresh clone to a running exporter.
import { prepare } from './prepare.mjs';

prepare({ workspaces: ['exporter'] });
// Whoever starts it like this sits at the machine: databases of the same machine are what they try first.
process.env.TIDEMARK_ALLOW_LOCAL_TARGETS ??= 'true';
const { run } = await import('../dist/cli.js');
process.exitCode = await run(['serve']);
