#!/usr/bin/env node
import { run } from '../dist/cli.js';

process.exitCode = await run(process.argv.slice(2));
// A server that answers no more must not keep the process: everything that matters is closed by now.
setTimeout(() => process.exit(), 1000).unref();
