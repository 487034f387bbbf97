import { Socket } from 'node:net';
import { TidemarkError } from '../../errors.ts';

/** The type of the packet that carries user name and password; first byte of each of its packets (MS-TDS 2.2.3.1.1). */
const login7 = 0x10;

/**
 * A socket that breaks rather than carry a login in plain text. Asked to encrypt, the driver goes on without it where the
 * server says that it cannot, so that anybody between the two gets the password by saying so.
 */
export class LoginGuardedSocket extends Socket {
  /** Set when the TLS handshake is done, which is before the login. Afterwards everything goes through TLS. */
  secured = false;
  readonly #place: string;
  readonly #plainLoginAllowed: boolean;

  constructor(place: string, plainLoginAllowed: boolean) {
    super();
    this.#place = place;
    this.#plainLoginAllowed = plainLoginAllowed;
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (this.#isRefused(chunk)) callback(refusal(this.#place));
    else super._write(chunk, encoding, callback);
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: BufferEncoding }[],
    callback: (error?: Error | null) => void,
  ): void {
    if (chunks.some(({ chunk }) => this.#isRefused(chunk))) callback(refusal(this.#place));
    else super._writev?.(chunks, callback);
  }

  /** The driver writes whole packets; TLS records, which may begin with any byte, come once the socket is secured. */
  #isRefused(chunk: Buffer): boolean {
    return !this.#plainLoginAllowed && !this.secured && chunk[0] === login7;
  }
}

function refusal(place: string): TidemarkError {
  return new TidemarkError(
    'tls_failed',
    `${place}: the server does not encrypt, so the login was not sent: switch on TLS on the server, or set tls.mode to prefer`,
  );
}
