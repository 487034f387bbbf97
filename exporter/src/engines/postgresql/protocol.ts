import type { Socket } from 'node:net';
import type pg from 'pg';
import { messageOf } from '../../errors.ts';

/** Longer than any answer to our statements; other protocols show as a length far above it. */
const longestMessage = 16 * 1024 * 1024;

const errorMessage = 'E'.charCodeAt(0);
const notice = 'N'.charCodeAt(0);

type Listener = (bytes: Buffer) => void;
type Refuse = (reason: Error) => void;

/** The one method of the driver that is ours here: what it parses, the TLS stream included. */
interface Parsing {
  attachListeners(stream: Pick<Socket, 'on'>): void;
  emit(event: 'error', error: Error): boolean;
}

/**
 * Stands between a server and the driver's parser, which trusts what it is sent: at an unfinished error message it reads for
 * ever, and what it throws nobody can catch (both end the process). A server that does so gets an error instead.
 * Must be called before the client connects.
 */
export function guardParser(client: pg.Client, socket: Socket): void {
  const connection = client.connection as unknown as Parsing;
  const attach = connection.attachListeners.bind(connection);
  connection.attachListeners = (stream) => {
    let refused = false;
    const refuse: Refuse = (reason) => {
      if (refused) return;
      refused = true;
      socket.destroy();
      connection.emit('error', reason);
    };
    const on = (event: string, listener: Listener): unknown =>
      stream.on(event, event === 'data' ? wholeMessages(listener, refuse) : listener);
    attach({ on } as Pick<Socket, 'on'>);
  };
}

/** Hands on one whole message at a time. */
function wholeMessages(listener: Listener, refuse: Refuse): Listener {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    try {
      for (let length = lengthOfFirst(rest); length !== null; length = lengthOfFirst(rest)) {
        const message = rest.subarray(0, length);
        rest = rest.subarray(length);
        if ((message[0] === errorMessage || message[0] === notice) && !isTerminated(message)) {
          throw new Error('an error without an end');
        }
        listener(message);
      }
    } catch (error) {
      rest = Buffer.alloc(0);
      refuse(new Error(`this is not the protocol of PostgreSQL (${messageOf(error)})`, { cause: error }));
    }
  };
}

/** Of a message with its letter; null where more bytes are needed. */
function lengthOfFirst(bytes: Buffer): number | null {
  if (bytes.length < 5) return null;
  const length = bytes.readUInt32BE(1);
  if (length < 4 || length > longestMessage) throw new Error(`a message of ${length} bytes`);
  return bytes.length < length + 1 ? null : length + 1;
}

/** Fields are a letter and a text each, and a zero ends the texts and the list. */
function isTerminated(message: Buffer): boolean {
  let position = 5;
  while (message[position] !== 0) {
    const end = message.indexOf(0, position + 1);
    if (end === -1) return false;
    position = end + 1;
  }
  return true;
}
