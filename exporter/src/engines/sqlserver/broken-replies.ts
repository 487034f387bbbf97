import type { Socket } from 'node:net';
import type { Connection } from 'tedious';

type Create = Connection['createTokenStreamParser'];
type Parser = ReturnType<Create>;
type Handler = Parameters<Create>[1];

/** What the protocol allows, in bytes: [MS-TDS], packet size. */
const packetSizes = { least: 512, most: 32_767 };

/**
 * Makes a reply that cannot be read, or that breaks off, the end of its connection and no more. By itself the driver lets
 * four things end the process: a wrong byte in a reply (nobody listens to the errors of its parser), a token in the wrong
 * place (its handlers throw into an event), a packet size without room for a byte (it cuts its next statement into empty
 * packets until there is no memory left), and a reply whose last bytes are read after the socket has closed. And a login
 * reply that breaks off it would wait for until the end of time.
 */
export function surviveBrokenReplies(connection: Connection): void {
  const create: Create = connection.createTokenStreamParser.bind(connection);
  connection.createTokenStreamParser = (message, handler) => {
    const socket = connection.socket;
    const parser: Parser = create(message, guarded(handler, fail));
    const emit = parser.emit.bind(parser);
    function fail(error: unknown): void {
      socket?.destroy(error instanceof Error ? error : new Error(String(error)));
      // Whoever waits for the end of the reply is told; where nobody does, an emitter throws.
      attempt(() => emit('error', error));
    }
    parser.emit = (event: string | symbol, ...values: unknown[]) => attempt(() => emit(event, ...values), fail) ?? true;
    parser.parser.on('error', fail);
    endWith(socket, parser, fail);
    return parser;
  };
}

/** Ends the waiting for a reply whose socket is gone. */
function endWith(socket: Socket | undefined, parser: Parser, fail: (error: unknown) => void): void {
  if (socket === undefined) return;
  const onClose = (): void =>
    fail(Object.assign(new Error('the connection ended within a reply'), { code: 'ECONNRESET' }));
  socket.once('close', onClose);
  parser.parser.once('end', () => socket.off('close', onClose));
}

/** The driver's handler of tokens, whose errors go to `fail` instead of up through an event emitter. */
function guarded(handler: Handler, fail: (error: unknown) => void): Handler {
  return new Proxy(handler, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (token: unknown) =>
        attempt(() => {
          if (name === 'onPacketSizeChange') checkPacketSize((token as { newValue: number }).newValue);
          return method.call(target, token) as unknown;
        }, fail);
    },
  });
}

function checkPacketSize(bytes: number): void {
  if (bytes >= packetSizes.least && bytes <= packetSizes.most) return;
  throw new Error(`the server sets packets of ${bytes} bytes: this is not the protocol of SQL Server`);
}

function attempt<T>(work: () => T, fail?: (error: unknown) => void): T | undefined {
  try {
    return work();
  } catch (error) {
    fail?.(error);
    return undefined;
  }
}
