import { lookup } from 'node:dns/promises';
import oracledb, { type Connection } from 'oracledb';
import { messageOf, TidemarkError } from '../../errors.ts';
import { withDeadline } from '../deadline.ts';
import type { SessionDeadlines, Target } from '../engine.ts';
import { connectDescriptor } from './descriptor.ts';
import type { Link } from './session.ts';
import { networkProtocol } from './statements.ts';

let clientDirectory: string | null = null;

/**
 * Switches to thick mode, for all connections and for good: the driver then works through Oracle's client libraries, which
 * also reach servers before 12.1 and speak native network encryption. To be called before the first connection. On Linux the
 * directory must be on the system's library path too (ldconfig or LD_LIBRARY_PATH).
 * @throws TidemarkError `configuration_invalid` when the libraries cannot be loaded, or it is too late
 */
export function useOracleClient(directory: string): void {
  if (clientDirectory === directory) return;
  try {
    oracledb.initOracleClient({ libDir: directory });
    clientDirectory = directory;
  } catch (error) {
    const [reason = ''] = messageOf(error).split('\n');
    const message = `the Oracle Client libraries in ${directory} cannot be used: ${reason}`;
    throw new TidemarkError('configuration_invalid', message, { cause: error });
  }
}

export function isThick(): boolean {
  return clientDirectory !== null;
}

/**
 * Logs in through the client libraries. They do their own TLS: a wallet that the directory's sqlnet.ora names, the chain
 * always verified. So `require` cannot be had, nor certificates by file; `prefer` goes without TLS, which is then said as for
 * any other login that went out unencrypted.
 * @throws TidemarkError `configuration_invalid` for what they cannot do, or what the driver throws
 */
export async function openThick(target: Target, deadlines: SessionDeadlines): Promise<[Connection, Link]> {
  refuseImpossible(target);
  const secure = target.tls.mode === 'verify-full';
  const { address } = await lookup(target.host);
  const seconds = Math.ceil(deadlines.connect / 1000);
  const timeouts = `(CONNECT_TIMEOUT=${seconds})(TRANSPORT_CONNECT_TIMEOUT=${seconds})`;
  const security = secure ? '(SECURITY=(SSL_SERVER_DN_MATCH=yes))' : '';
  const reached = secure ? target : { ...target, host: address };
  const connection = await withDeadline(
    oracledb.getConnection({
      user: target.username,
      ...(target.password === null ? {} : { password: target.password.reveal() }),
      connectString: connectDescriptor(reached, secure ? 'tcps' : 'tcp', `${timeouts}${security}`),
    }),
    {
      milliseconds: deadlines.connect,
      name: `connecting to ${target.host}:${target.port}`,
      // The libraries give out no handle before the login is over: their own timeouts end it.
      onTimeout: () => undefined,
      onLate: drop,
    },
  );
  const { rows = [] } = await connection.execute<[string]>(networkProtocol);
  const link: Link = {
    encrypted: rows[0]?.[0] === 'tcps',
    remoteAddress: address,
    destroy: () => drop(connection),
  };
  return [connection, link];
}

function refuseImpossible({ tls }: Target): void {
  const files = tls.ca ?? tls.cert ?? tls.key ?? tls.server_name;
  if (tls.mode !== 'require' && files === undefined) return;
  const message =
    tls.mode === 'require'
      ? 'tls.mode require is not possible in thick mode, which verifies always: set verify-full'
      : 'tls.ca, cert, key and server_name are not possible in thick mode: put the certificates into the wallet of the client';
  throw new TidemarkError('configuration_invalid', message);
}

/** Without goodbye, and without waiting. */
function drop(connection: Connection): void {
  connection.break().catch(() => undefined);
  connection.close({ drop: true }).catch(() => undefined);
}
