// npm run demo: a fleet to look at, without a server to log in to. Its repository is its own: ./data/demo.
import { prepare } from './prepare.mjs';

prepare({ development: false });
process.env.TIDEMARK_ALLOW_LOCAL_TARGETS ??= 'true';
const { run } = await import('../dist/cli.js');
process.exitCode = await run(['demo']);
