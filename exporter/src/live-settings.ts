import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import type { Logger } from 'pino';
import { Alarm } from './alarm.ts';
import type { Config } from './config/config.ts';
import {
  parseSetting,
  isFixed,
  readSetting,
  settingNames,
  withSetting,
  type SettingName,
  type SettingValue,
} from './config/settings.ts';
import { TidemarkError } from './errors.ts';
import type { Actor } from './store/audit.ts';
import { readSettings, saveSettings, type StoredSetting } from './store/settings.ts';
import type { RepositoryWatch } from './store/watch.ts';

/** The configuration with what is stored in place of what is standard. What the environment says stays as it is. */
export function withStoredSettings(config: Config, stored: readonly StoredSetting[], log: Logger): Config {
  return stored.reduce((changed, { name, value }) => {
    if (value === null || !isSettingName(name) || isFixed(config, name)) return changed;
    const parsed = parseSetting(name, value);
    if ('value' in parsed) return withSetting(changed, name, parsed.value);
    log.warn({ setting: name }, `the stored value cannot be used, the standard one is: ${parsed.problem}`);
    return changed;
  }, config);
}

function isSettingName(name: string): name is SettingName {
  return (settingNames as readonly string[]).includes(name);
}

/** Settings that are changed while exporters run: every exporter follows what is in the repository. */
export class LiveSettings {
  readonly #pool: pg.Pool;
  readonly #base: Config;
  readonly #log: Logger;
  readonly #watch: Pick<RepositoryWatch, 'saw' | 'whenAvailable'>;
  readonly #listeners: ((config: Config) => void | Promise<void>)[] = [];
  readonly #alarm = new Alarm();
  #stored: readonly StoredSetting[] = [];
  #config: Config;
  #refreshing: Promise<void> = Promise.resolve();
  #following: Promise<void> | null = null;
  #stopped = false;

  /** @param base what environment and file say */
  constructor(pool: pg.Pool, base: Config, watch: Pick<RepositoryWatch, 'saw' | 'whenAvailable'>, log: Logger) {
    this.#pool = pool;
    this.#base = base;
    this.#config = base;
    this.#watch = watch;
    this.#log = log;
  }

  /** What is in effect now. */
  get config(): Config {
    return this.#config;
  }

  /** What somebody has set. */
  get stored(): readonly StoredSetting[] {
    return this.#stored;
  }

  /** Calls back whenever another value is in effect. */
  onChange(listener: (config: Config) => void | Promise<void>): void {
    this.#listeners.push(listener);
  }

  /** Takes what is in the repository into effect; one at a time. */
  refresh(): Promise<void> {
    this.#refreshing = this.#refreshing.catch(() => undefined).then(() => this.#refresh());
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    const stored = await readSettings(this.#pool);
    if (isDeepStrictEqual(stored, this.#stored)) return;
    this.#stored = stored;
    const before = this.#config;
    this.#config = withStoredSettings(this.#base, stored, this.#log);
    if (isDeepStrictEqual(before, this.#config)) return;
    const changed = settingNames.filter((name) => readSetting(before, name) !== readSetting(this.#config, name));
    this.#log.info(
      { settings: Object.fromEntries(changed.map((name) => [name, readSetting(this.#config, name)])) },
      'settings have changed',
    );
    for (const listener of this.#listeners) await listener(this.#config);
  }

  /** Looks into the repository from time to time, since another exporter may have taken the change. */
  follow(): void {
    this.#following ??= this.#follow();
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      await this.#alarm.pause(this.#base.deadlines.settingsPoll);
      await this.#watch.whenAvailable();
      if (this.#isStopped()) return;
      try {
        await this.refresh();
      } catch (error) {
        if (!this.#watch.saw(error)) this.#log.error({ err: error }, 'the settings could not be read');
      }
    }
  }

  /** A method, because the answer changes while somebody waits. */
  #isStopped(): boolean {
    return this.#stopped;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#alarm.ring();
    await this.#following;
  }

  /**
   * Stores other values, null for the standard one, and takes them into effect.
   * @throws TidemarkError `bad_request`, `setting_fixed`; then nothing is changed
   */
  async change(actor: Actor, values: Readonly<Partial<Record<SettingName, SettingValue | null>>>): Promise<void> {
    await this.refresh();
    const entries = Object.entries(values) as [SettingName, SettingValue | null][];
    const fixed = entries.map(([name]) => name).filter((name) => isFixed(this.#base, name));
    if (fixed.length > 0) {
      const message = `${fixed.join(', ')}: fixed by the environment of the exporter: change it there`;
      throw new TidemarkError('setting_fixed', message, {
        details: fixed.map((field) => ({ field, problem: 'is fixed' })),
      });
    }
    const problems: { field: string; problem: string }[] = [];
    const changes = entries.flatMap(([name, value]) => {
      const parsed = value === null ? { value: null } : parseSetting(name, value);
      if ('problem' in parsed) problems.push({ field: name, problem: parsed.problem });
      const before = this.#stored.find((setting) => setting.name === name)?.value ?? null;
      return 'problem' in parsed || parsed.value === before ? [] : [{ name, before, after: parsed.value }];
    });
    if (problems.length > 0) {
      const summary = problems.map(({ field, problem }) => `${field}: ${problem}`).join('; ');
      throw new TidemarkError('bad_request', summary, { details: problems });
    }
    await saveSettings(this.#pool, actor, changes);
    await this.refresh();
  }
}
