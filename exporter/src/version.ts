import { createRequire } from 'node:module';

/** The version of the exporter, from its package.json. */
export const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
