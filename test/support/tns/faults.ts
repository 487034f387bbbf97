import { matchesStatement } from './answers.ts';

/**
 * The moments at which a server can fall ill, in the order of a connection's life:
 * - accept: the TCP connection, before TLS;
 * - connect: the listener's answer;
 * - negotiation: protocol and data types, which 23ai answers together with the authentication;
 * - authentication: the challenge;
 * - logon: the verdict on the password, and what a driver asks on its own before it hands the connection out;
 * - execute, and fetch for each further page of rows;
 * - break: the answer to a cancel;
 * - other: ping, commit, rollback;
 * - logoff.
 */
export type Stage =
  | 'accept'
  | 'connect'
  | 'negotiation'
  | 'authentication'
  | 'logon'
  | 'execute'
  | 'fetch'
  | 'break'
  | 'other'
  | 'logoff';

/** What goes wrong instead of an answer. */
export interface Fault {
  readonly at: Stage;
  /**
   * mute: no answer. truncate: the first half of the answer, then silence. close: the server ends the connection in
   * order. reset: the connection breaks.
   */
  readonly how: 'mute' | 'truncate' | 'close' | 'reset';
  /** How many answers at that stage go well first; none unless told. */
  readonly after?: number;
  /** Only statements that match, at execute and fetch. */
  readonly statement?: RegExp | string;
}

/** Which faults are planned, and what is held back because of them. */
export class FaultPlan {
  private faults: { fault: Fault; passed: number }[] = [];
  private held: (() => void)[] = [];

  add(fault: Fault): void {
    this.faults.push({ fault, passed: 0 });
  }

  /** The fault that strikes now, if any: each call counts as one answer at that stage. */
  strike(stage: Stage, sql?: string): Fault['how'] | undefined {
    const planned = this.faults.filter(
      ({ fault }) =>
        fault.at === stage &&
        (fault.statement === undefined || (sql !== undefined && matchesStatement(fault.statement, sql))),
    );
    for (const entry of planned) {
      if (entry.passed >= (entry.fault.after ?? 0)) return entry.fault.how;
      entry.passed += 1;
    }
    return undefined;
  }

  /** Keeps an answer that is due, for the day the server gets well. */
  hold(send: () => void): void {
    this.held.push(send);
  }

  /** No more faults; what was held back is sent now. */
  heal(): void {
    this.faults = [];
    for (const send of this.held.splice(0)) send();
  }
}
