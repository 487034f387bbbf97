import { TidemarkError } from '../errors.ts';
import type { Engine } from './engine.ts';
import { mysql } from './mysql.ts';
import { oracle } from './oracle.ts';
import { postgresql } from './postgresql.ts';
import { sqlserver } from './sqlserver.ts';

/** Every engine there is: a new one is a file beside this one and a word in this list. */
export const engines: readonly Engine[] = [postgresql, mysql, sqlserver, oracle];

export const engineNames: readonly string[] = engines.map((engine) => engine.name);

/** @throws TidemarkError `engine_unsupported` */
export function engineNamed(name: string): Engine {
  const engine = engines.find((candidate) => candidate.name === name);
  if (engine === undefined) {
    throw new TidemarkError('engine_unsupported', `engine "${name}": expected one of ${engineNames.join(', ')}`);
  }
  return engine;
}
