/** The side whose bytes are meant. */
export type Direction = 'client' | 'server';

/** When a fault strikes: after so many bytes of one side were forwarded; at once by default. */
export interface FaultPoint {
  /** Bytes; 0 by default, which strikes before the real server is even connected to. */
  after?: number;
  /** `server` by default. */
  from?: Direction;
}

/**
 * How a proxy treats its connections.
 *
 * - `pass`: forwards everything.
 * - `refuse`: nobody listens (ECONNREFUSED); open connections are reset, as when the process behind them was killed.
 * - `mute`: nothing is forwarded any more, the client's FIN is answered: a server that hangs, on a host that lives.
 * - `half-open`: as `mute`, but not even the FIN is answered: a host that has gone, or a firewall that has forgotten.
 * - `reset`: RST to both sides.
 * - `slow`: both sides at so many bytes a second.
 * - `garbage`: bytes from a seeded generator instead of the server's, as many as it sends.
 */
export type FaultMode =
  | { kind: 'pass' }
  | { kind: 'refuse' }
  | ({ kind: 'mute' | 'half-open' | 'reset' } & FaultPoint)
  | { kind: 'slow'; bytesPerSecond: number }
  | { kind: 'garbage'; seed: number; after?: number; from?: 'server' };

/** A fault that strikes at a certain byte. */
export type StrikingMode = Exclude<FaultMode, { kind: 'pass' | 'refuse' | 'slow' }>;

export function isStriking(mode: FaultMode): mode is StrikingMode {
  return !['pass', 'refuse', 'slow'].includes(mode.kind);
}

/** Whether the fault has struck once so many bytes were forwarded. */
export function strikesAt(mode: FaultMode, bytes: number): mode is StrikingMode {
  return isStriking(mode) && (mode.after ?? 0) <= bytes;
}
