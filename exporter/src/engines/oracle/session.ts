import oracledb, { type Connection, type FetchTypeResponse, type Metadata } from 'oracledb';
import { TidemarkError } from '../../errors.ts';
import { withDeadline } from '../deadline.ts';
import {
  sessionName,
  type EngineSession,
  type InstanceMeasurement,
  type MeasureOptions,
  type SessionDeadlines,
  type Target,
} from '../engine.ts';
import { lacksPrivilege, translate } from './errors.ts';
import { grantsFor, type Grantee } from './grants.ts';
import { measureServer } from './measurement.ts';
import { isRoot, type OracleServer } from './server.ts';
import { readOnly, whereAmI, whereAmIBefore12, type Statement } from './statements.ts';

/** What carries a connection. */
export interface Link {
  readonly encrypted: boolean;
  readonly remoteAddress: string | null;
  /** Breaks the connection, whatever state the driver is in. */
  destroy(reason: Error): void;
}

interface Whereabouts {
  readonly con_id: string;
  readonly name: string;
  readonly username: string;
}

const version12 = 1_201_000_000;

/** A login to one Oracle server, in thin or thick mode. */
export class OracleSession implements EngineSession, OracleServer {
  readonly serverVersion: string;
  readonly encrypted: boolean;
  readonly remoteAddress: string | null;
  container = { id: '', name: '' };
  readonly #connection: Connection;
  readonly #link: Link;
  readonly #target: Target;
  readonly #deadlines: SessionDeadlines;
  #username: string;

  constructor(connection: Connection, link: Link, target: Target, deadlines: SessionDeadlines) {
    this.#connection = connection;
    this.#link = link;
    this.#target = target;
    this.#deadlines = deadlines;
    this.#username = target.username;
    this.serverVersion = `Oracle ${connection.oracleServerVersionString}`;
    this.encrypted = link.encrypted;
    this.remoteAddress = link.remoteAddress;
    connection.module = sessionName;
    // The server is asked to cancel the statement; our own deadline is for one that does not answer.
    connection.callTimeout = deadlines.query;
  }

  /** Finds out where the login ended up. */
  async prepare(): Promise<void> {
    const before12 = this.#connection.oracleServerVersion < version12;
    const [row] = await this.#query<Whereabouts>(before12 ? whereAmIBefore12 : whereAmI);
    if (row === undefined) throw new TidemarkError('protocol_error', `${this.#place}: DUAL has no row`);
    this.container = { id: row.con_id, name: row.name };
    this.#username = row.username;
  }

  get grantee(): Grantee {
    return { username: this.#username, inRoot: isRoot(this) };
  }

  async measure(options: MeasureOptions): Promise<InstanceMeasurement> {
    await this.#beginReadOnly();
    try {
      return await measureServer(this, options);
    } catch (error) {
      throw translate(error, this.#place, this.#target);
    } finally {
      // Ends the transaction, for the next measurement; where the connection is gone, so is the transaction.
      await this.#bounded(this.#connection.rollback()).catch(() => undefined);
    }
  }

  async rows<Row>(statement: Statement): Promise<Row[]> {
    try {
      return await this.#query<Row>(statement.sql);
    } catch (error) {
      const cause = error instanceof TidemarkError ? error.cause : error;
      if (!lacksPrivilege(cause)) throw error;
      const grants = grantsFor(this.grantee, statement.views);
      const message = `${this.#username} may not read ${statement.subject}: run ${grants}`;
      throw new TidemarkError('permission_denied', message, { cause });
    }
  }

  async close(): Promise<void> {
    const end = new Error('the connection is no longer needed');
    try {
      await withDeadline(this.#connection.close(), {
        milliseconds: this.#deadlines.close,
        name: 'closing',
        onTimeout: () => this.#link.destroy(end),
      });
    } catch {
      // The connection is gone either way, which is all that closing is for.
    } finally {
      this.#link.destroy(end);
    }
  }

  /** Nothing but queries follows, so that a server which refuses is measured all the same. */
  async #beginReadOnly(): Promise<void> {
    try {
      await this.#query(readOnly);
    } catch (error) {
      if (!(error instanceof TidemarkError) || error.code !== 'query_failed') throw error;
    }
  }

  async #query<Row>(sql: string): Promise<Row[]> {
    const work = this.#connection.execute<Row>(sql, [], {
      outFormat: oracledb.OUT_FORMAT_OBJECT,
      fetchTypeHandler: exactNumbers,
      fetchArraySize: 1000,
    });
    return (await this.#bounded(work)).rows ?? [];
  }

  /** Waits within the deadline; after a timeout, also one that the server has answered, the connection is destroyed. */
  async #bounded<T>(work: Promise<T>): Promise<T> {
    const destroy = (): void => this.#link.destroy(new TidemarkError('timeout', 'reading the sizes took too long'));
    try {
      return await withDeadline(work, {
        milliseconds: this.#deadlines.query + this.#deadlines.close,
        name: 'reading the sizes',
        onTimeout: destroy,
      });
    } catch (error) {
      const problem = translate(error, this.#place, this.#target);
      if (problem.code === 'timeout') destroy();
      throw problem;
    }
  }

  get #place(): string {
    return `${this.#target.host}:${this.#target.port}`;
  }
}

/** NUMBER as text: as a double it would lose digits above 2^53, silently. */
function exactNumbers(metadata: Metadata<unknown>): FetchTypeResponse | undefined {
  return metadata.dbType === oracledb.DB_TYPE_NUMBER ? { type: oracledb.STRING } : undefined;
}
