import oracledb from 'oracledb';
import { TidemarkError } from '../errors.ts';
import { withDeadline } from './deadline.ts';
import { sessionName, type Engine, type EngineSession, type SessionDeadlines, type Target } from './engine.ts';
import { loginError, type Progress } from './login-errors.ts';
import { connectDescriptor } from './oracle/descriptor.ts';
import { translate } from './oracle/errors.ts';
import { OracleSession } from './oracle/session.ts';
import { OwnedSockets, TlsUnspoken } from './oracle/sockets.ts';
import { isThick, openThick } from './oracle/thick.ts';
import { takeOverTransport } from './oracle/transport.ts';
import { connectAsPreferred, tlsConnectionOptions } from './tls.ts';

const catalogRole =
  'GRANT SELECT_CATALOG_ROLE TO tidemark; in the root of a CDB: GRANT SELECT_CATALOG_ROLE TO C##TIDEMARK CONTAINER = ALL; ' +
  'and ALTER USER C##TIDEMARK SET CONTAINER_DATA = ALL CONTAINER = CURRENT;';

/** Oracle Database 12.1 and newer without client libraries, older ones with them. */
export const oracle: Engine = {
  name: 'oracle',
  label: 'Oracle',
  supportedVersions: 'Oracle 12.1 and newer; 11.2 in thick mode',
  capabilities: [
    {
      subject: 'size',
      since: 'all',
      source:
        'data files, temporary files and redo logs; in the root of a CDB one row for each open PDB and one for CDB$ROOT',
      privilege: catalogRole,
    },
    { subject: 'data', since: 'all', source: 'CDB_DATA_FILES / DBA_DATA_FILES', privilege: catalogRole },
    {
      subject: 'log',
      since: 'all',
      source:
        'V$LOG bytes x members, counted in the root or in a database without containers; a PDB has none of its own',
      privilege: catalogRole,
    },
    { subject: 'index', since: null, source: 'indexes share tablespaces with tables', privilege: null },
    { subject: 'temp', since: 'all', source: 'CDB_TEMP_FILES / DBA_TEMP_FILES', privilege: catalogRole },
    {
      subject: 'used',
      since: 'all',
      source:
        'CDB_ / DBA_TABLESPACE_USAGE_METRICS and CDB_ / DBA_TEMP_FREE_SPACE; unknown while a tablespace is offline',
      privilege: catalogRole,
    },
    {
      subject: 'limit',
      since: 'all',
      source: 'the larger of bytes and maxbytes of each file that extends itself, and the redo logs',
      privilege: catalogRole,
    },
    { subject: 'instance log', since: 'all', source: 'V$LOG, as redo', privilege: catalogRole },
    { subject: 'tablespaces', since: 'all', source: 'the same views, for each tablespace', privilege: catalogRole },
    {
      subject: 'volumes',
      since: 'all',
      source: 'V$ASM_DISKGROUP_STAT where files lie on ASM; other disks are not known to the server',
      privilege: catalogRole,
    },
  ],
  defaultPort: 1521,
  defaultDatabase: 'ORCL',
  connect,
};

/**
 * TLS means TCPS, on the same port: a listener has an endpoint of its own for it. Under `prefer` TCPS is tried first; a
 * listener that answers no handshake, or nothing within a third of the deadline, is asked again without. One deadline is for
 * both. In thick mode the client libraries decide, see `openThick`.
 */
async function connect(target: Target, deadlines: SessionDeadlines): Promise<EngineSession> {
  try {
    return await (isThick() ? connectThick(target, deadlines) : connectThin(target, deadlines));
  } catch (error) {
    throw translate(error, placeOf(target), target);
  }
}

async function connectThin(target: Target, deadlines: SessionDeadlines): Promise<EngineSession> {
  takeOverTransport();
  const tls = tlsConnectionOptions(target);
  let sockets: OwnedSockets | null = null;
  let timeout: Error | null = null;
  let progress = (): Progress => 'unreached';
  const attempt = async (encrypted: boolean): Promise<EngineSession> => {
    const own = new OwnedSockets({
      tls: encrypted ? tls : null,
      patience: target.tls.mode === 'prefer' ? deadlines.connect / 3 : null,
    });
    sockets = own;
    progress = () => own.progress();
    if (timeout !== null) throw timeout;
    return await open(target, deadlines, own);
  };
  try {
    return await withDeadline(
      connectAsPreferred(target, attempt, (cause) => cause instanceof TlsUnspoken),
      {
        milliseconds: deadlines.connect,
        name: `connecting to ${placeOf(target)}`,
        onTimeout: () => {
          timeout = new TidemarkError('timeout', `connecting to ${placeOf(target)} took too long`);
          sockets?.destroy(timeout);
        },
        onLate: (late) => void late.close(),
      },
    );
  } catch (error) {
    throw loginError(translate(error, placeOf(target), target), 'Oracle', progress());
  }
}

async function open(target: Target, deadlines: SessionDeadlines, sockets: OwnedSockets): Promise<EngineSession> {
  try {
    const connection = await sockets.run(() =>
      oracledb.getConnection({
        user: target.username,
        ...(target.password === null ? {} : { password: target.password.reveal() }),
        connectString: connectDescriptor(target, sockets.protection.tls === null ? 'tcp' : 'tcps'),
        program: sessionName,
        // The driver would give up on TCP and TLS after 20 seconds; the deadline is ours.
        transportConnectTimeout: Math.ceil(deadlines.connect / 1000) + 1,
      }),
    );
    return await prepared(new OracleSession(connection, sockets, target, deadlines));
  } catch (error) {
    sockets.destroy(new Error('the connection is not used'));
    throw translate(sockets.unspoken ?? error, placeOf(target), target);
  }
}

async function connectThick(target: Target, deadlines: SessionDeadlines): Promise<EngineSession> {
  const [connection, link] = await openThick(target, deadlines);
  return await prepared(new OracleSession(connection, link, target, deadlines));
}

async function prepared(session: OracleSession): Promise<EngineSession> {
  try {
    await session.prepare();
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

function placeOf(target: Target): string {
  return `${target.host}:${target.port}`;
}
