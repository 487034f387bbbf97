import type pg from 'pg';
import type { Logger } from 'pino';
import type { ConnectionTest } from '../collection/connection-test.ts';
import type { HttpSettings } from '../config/http.ts';
import type { RunRequest, StartedRun } from '../collection/start-run.ts';
import type { Secret } from '../config/secret.ts';
import type { Vault } from '../fleet/vault.ts';
import type { Config } from '../config/config.ts';
import type { SettingName, SettingValue } from '../config/settings.ts';
import type { StoredSetting } from '../store/settings.ts';
import type { Actor } from '../store/audit.ts';
import type { Instance } from '../store/instances.ts';

/** Logs in to an instance and says what can be measured; with a password that is not stored where one is given. */
export type TestConnection = (instance: Instance, password?: Secret) => Promise<ConnectionTest>;

/** Starts a run, or joins the one in progress. */
export type StartCollection = (request: Omit<RunRequest, 'trigger' | 'dueAt'>) => Promise<StartedRun>;

/** Settings that can be changed while the exporter runs. */
export interface Settings {
  /** What is in effect. */
  readonly config: Config;
  readonly stored: readonly StoredSetting[];
  refresh(): Promise<void>;
  /** @throws TidemarkError `bad_request`, `setting_fixed` */
  change(actor: Actor, values: Readonly<Partial<Record<SettingName, SettingValue | null>>>): Promise<void>;
}

/** The parts of the exporter that routes work with. */
export interface ApiContext {
  readonly pool: pg.Pool;
  readonly timezone: string;
  readonly testConnection: TestConnection;
  /** For the secrets that are stored. */
  readonly vault: Vault;
  readonly startCollection: StartCollection;
  readonly log: Logger;
  readonly http: HttpSettings;
  readonly settings: Settings;
  /** The description of the API, as JSON. */
  readonly openApi: () => string;
  /** Whether answers are compared with what is declared; tests do, at some cost. */
  readonly checkAnswers?: boolean;
}
