import { statSync } from 'node:fs';
import type pg from 'pg';
import type { Logger } from 'pino';
import { Alarm } from './alarm.ts';
import type { Config } from './config/config.ts';
import { codeOf, messageOf } from './errors.ts';
import { provisionFleet, type EmbeddedInstance, type Fleet } from './fleet/fleet.ts';
import type { RepositoryWatch } from './store/watch.ts';

/** The configuration file, there or not. */
export interface FleetFile {
  readonly path: string;
  /** @throws ConfigurationError */
  load(): Config;
}

interface LiveFleetContext {
  readonly pool: pg.Pool;
  readonly embedded: EmbeddedInstance | null;
  readonly watch: Pick<RepositoryWatch, 'saw' | 'whenAvailable'>;
  /** Milliseconds between two looks at the file. */
  readonly pollEvery: number;
  readonly log: Logger;
}

/** The fleet as the configuration file names it: read again when the file changes. */
export class LiveFleet implements Fleet {
  readonly #context: LiveFleetContext;
  readonly #file: FleetFile;
  readonly #alarm = new Alarm();
  #fleet: Fleet;
  #version: string;
  /** Why the last reading failed; null after one that went well. */
  #problem: string | null = null;
  #following: Promise<void> | null = null;
  #stopped = false;

  /** @param fleet of the file as it is now */
  constructor(context: LiveFleetContext, file: FleetFile, fleet: Fleet) {
    this.#context = context;
    this.#file = file;
    this.#fleet = fleet;
    this.#version = versionOf(file.path);
  }

  get vault(): Fleet['vault'] {
    return this.#fleet.vault;
  }

  targetOf(...args: Parameters<Fleet['targetOf']>): ReturnType<Fleet['targetOf']> {
    return this.#fleet.targetOf(...args);
  }

  wantedOn(...args: Parameters<Fleet['wantedOn']>): ReturnType<Fleet['wantedOn']> {
    return this.#fleet.wantedOn(...args);
  }

  follow(): void {
    this.#following ??= this.#follow();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#alarm.ring();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { watch, pollEvery } = this.#context;
    let seen = this.#version;
    for (;;) {
      await this.#alarm.pause(pollEvery);
      await watch.whenAvailable();
      if (this.#stopped) return;
      const version = versionOf(this.#file.path);
      // One that looks the same twice is not being written.
      const isSettled = version === seen;
      seen = version;
      if (isSettled && version !== this.#version && (await this.#tryToRead())) this.#version = version;
    }
  }

  /** What cannot be used now may be later: the password that it names may come after it. */
  async #tryToRead(): Promise<boolean> {
    const { watch, log } = this.#context;
    try {
      await this.#read();
      this.#problem = null;
      return true;
    } catch (error) {
      const problem = messageOf(error);
      if (watch.saw(error) || problem === this.#problem) return false;
      this.#problem = problem;
      log.error(`the configuration file was changed and cannot be used, what it said before is: ${problem}`);
      return false;
    }
  }

  async #read(): Promise<void> {
    const { pool, embedded, log } = this.#context;
    const { path } = this.#file;
    const config = this.#file.load();
    if (config.file === null) throw new Error(`${path} is gone; a file with "instances: []" takes all of them out`);
    this.#fleet = await provisionFleet(pool, config, embedded);
    const instances = config.file.instances.length;
    log.info({ path, instances }, 'the configuration file was changed: its instances are read again');
  }
}

/** Another one after each change of the file, also where it is a link that is set anew. */
function versionOf(path: string): string {
  try {
    const stat = statSync(path);
    return `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeMs}`;
  } catch (error) {
    return codeOf(error) ?? 'unknown';
  }
}
