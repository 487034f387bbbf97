#!/usr/bin/env node
import { existsSync } from 'node:fs';

const program = new URL('../dist/cli.js', import.meta.url);
if (!existsSync(program)) {
  console.error('tidemark is not built yet: run npm start, or npm run build -w exporter');
  process.exit(1);
}
const { run } = await import(program.href);
process.exitCode = await run(process.argv.slice(2));
// A server that answers no more must not keep the process: everything that matters is closed by now.
setTimeout(() => process.exit(), 1000).unref();
