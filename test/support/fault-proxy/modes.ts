import { RandomBytes } from './random.ts';

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
 * - `slip`: one byte of the server is another, and all others are its own.
 */
export type FaultMode =
  | { kind: 'pass' }
  | { kind: 'refuse' }
  | ({ kind: 'mute' | 'half-open' | 'reset' } & FaultPoint)
  | { kind: 'slow'; bytesPerSecond: number }
  | { kind: 'garbage'; seed: number; after?: number; from?: 'server' }
  | { kind: 'slip'; byte: number; after: number; from?: 'server' };

/** A fault that strikes at a certain byte. */
export type StrikingMode = Exclude<FaultMode, { kind: 'pass' | 'refuse' | 'slow' }>;

export function isStriking(mode: FaultMode): mode is StrikingMode {
  return !['pass', 'refuse', 'slow'].includes(mode.kind);
}

/** Whether the fault has struck once so many bytes were forwarded. */
export function strikesAt(mode: FaultMode, bytes: number): mode is StrikingMode {
  return isStriking(mode) && (mode.after ?? 0) <= bytes;
}

/** What becomes of the server's bytes, in turn; of each as many as there were. */
export type Distortion = (bytes: Buffer) => Buffer;

/** Undefined for a fault that lets nothing through. */
export function distortionOf(mode: FaultMode): Distortion | undefined {
  if (mode.kind === 'garbage') {
    const garbage = new RandomBytes(mode.seed);
    return (bytes) => garbage.next(bytes.length);
  }
  if (mode.kind !== 'slip') return undefined;
  let hasSlipped = false;
  return (bytes) => {
    if (hasSlipped || bytes.length === 0) return bytes;
    hasSlipped = true;
    return Buffer.concat([Buffer.from([mode.byte]), bytes.subarray(1)]);
  };
}
