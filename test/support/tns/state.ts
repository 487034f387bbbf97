import type { AskedStatement, Handler } from './answers.ts';
import type { FaultPlan, Stage } from './faults.ts';
import type { OracleError } from './oracle-error.ts';
import type { Profile } from './profiles.ts';

/** A user of the server. */
export interface Account {
  readonly password: string;
  /** Raised at logon instead of letting the user in, whatever the password: a locked account, no CREATE SESSION. */
  readonly refusal?: OracleError;
}

/** A session that logged on, and how it named itself (the columns of V$SESSION). */
export interface SessionInfo {
  readonly user: string;
  readonly service: string;
  readonly program: string;
  readonly machine: string;
  readonly terminal: string;
  readonly osUser: string;
  /** As in V$SESSION_CONNECT_INFO.CLIENT_DRIVER. */
  readonly driver: string;
  readonly encrypted: boolean;
  module?: string;
  action?: string;
  clientIdentifier?: string;
  clientInfo?: string;
  /** False once the client has logged off or its connection is gone. */
  open: boolean;
  /** True when the client said goodbye. */
  loggedOff: boolean;
}

/** What all connections of a server share. */
export interface ServerState {
  readonly profile: Profile;
  /** By name in upper case. */
  readonly accounts: ReadonlyMap<string, Account>;
  readonly services: ReadonlySet<string>;
  readonly systemIdentifiers: ReadonlySet<string>;
  readonly handlers: Handler[];
  readonly faults: FaultPlan;
  /** Errors come behind a break marker, as most releases before 23ai send them. */
  readonly errorsBehindMarkers: boolean;
  readonly nativeNetworkServices: boolean;
  readonly encrypted: boolean;
  readonly statements: AskedStatement[];
  readonly unexpected: string[];
  readonly sessions: SessionInfo[];
}

/** The way back to the client: how a session answers, whatever becomes of the answer on its way. */
export interface ReplyChannel {
  /** Each answer ends with a marker of its own, as agreed with clients of 23ai. */
  endOfResponse: boolean;
  /** Sends a TTC message, unless a fault strikes; `endOfResponse` overrides what was agreed. */
  reply(stage: Stage, message: Buffer, options?: { sql?: string; endOfResponse?: boolean }): void;
  /** Sends the error that ends a call. */
  fail(stage: Stage, message: Buffer, sql?: string): void;
}
