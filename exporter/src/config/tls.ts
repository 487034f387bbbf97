import { z } from 'zod';
import { knownKeys } from './known-keys.ts';

const path = z.string('expected the path of a PEM file').min(1, 'expected the path of a PEM file');

/** How a connection is protected; the modes mean the same for every engine. */
export const tlsSchema = knownKeys({
  mode: z
    .enum(['disable', 'prefer', 'require', 'verify-full'], 'expected disable, prefer, require or verify-full')
    .default('prefer'),
  ca: path.optional(),
  cert: path.optional(),
  key: path.optional(),
  server_name: z.string('expected a host name').min(1, 'expected a host name').optional(),
});

export type TlsOptions = Readonly<z.output<typeof tlsSchema>>;
