import type { ErrorCode } from '../../errors.ts';
import type { Finding, Target } from '../engine.ts';
import { quoteName, type Server } from './server.ts';

/** What could not be measured on a SQL Server, each with the statement that mends it. */
export class Findings {
  readonly #username: string;
  readonly #login: string;
  readonly #server: Server;

  constructor(target: Target, server: Server) {
    this.#username = target.username;
    this.#login = quoteName(target.username);
    this.#server = server;
  }

  /** sys.databases shows a few databases, and nobody can tell how many it hides. */
  hiddenDatabases(): Finding {
    return this.#denied(
      null,
      `${this.#username} may not see all databases: run USE master; GRANT VIEW ANY DATABASE TO ${this.#login};`,
    );
  }

  hiddenFiles(databases: number): Finding {
    return this.#denied(
      null,
      `${this.#username} may not see the files of ${databases} databases from outside, so that the sizes of closed and ` +
        `offline ones and the limits are missing: run ${this.#grantDefinition}`,
    );
  }

  hiddenFilesOf(databaseName: string): Finding {
    return this.#denied(
      databaseName,
      `${this.#username} may not see the files of this database: run ${this.#grantDefinition}`,
    );
  }

  hiddenState(): Finding {
    const { statePermission } = this.#server;
    return this.#denied(
      null,
      `${this.#username} may not read volumes and the use of logs, so that the used space and the limits are missing: ` +
        `run USE master; GRANT ${statePermission} TO ${this.#login};`,
    );
  }

  closedDatabase(databaseName: string): Finding {
    return this.#denied(
      databaseName,
      `${this.#username} may not look into this database, so that its used space is missing: ` +
        `run USE ${quoteName(databaseName)}; CREATE USER ${this.#login} FOR LOGIN ${this.#login}; ` +
        `or, for all databases (2014 and newer), USE master; GRANT CONNECT ANY DATABASE TO ${this.#login};`,
    );
  }

  hiddenAzureState(databaseName: string): Finding {
    return this.#denied(
      databaseName,
      `${this.#username} may not read the use of the log, so that the used space is missing: run ` +
        `GRANT VIEW DATABASE STATE TO ${this.#login}; or, in the tiers Basic, S0, S1 and in elastic pools, in master ` +
        `ALTER SERVER ROLE ##MS_ServerStateReader## ADD MEMBER ${this.#login};`,
    );
  }

  unknownFilestream(databaseName: string): Finding {
    return this.#unreadable(
      databaseName,
      'the FILESTREAM containers of this database are not counted: the server tells their size inside the database only',
    );
  }

  unknownAzureSize(databaseName: string): Finding {
    return this.#unreadable(
      databaseName,
      'sys.resource_stats has not seen this database in the last 14 days: add an instance that connects to this database',
    );
  }

  azureStatistics(): Finding {
    return this.#unreadable(
      null,
      'the sizes are estimates from sys.resource_stats, and those of logs are missing: for exact ones ' +
        'add an instance for each database that connects to it',
    );
  }

  /** The rest of the databases were not asked, because the connection was gone. */
  unasked(databases: number): Finding {
    const message = `the used space of ${databases} more databases was not read: the connection was gone`;
    return { databaseName: null, code: 'connection_lost', message };
  }

  get #grantDefinition(): string {
    return `USE master; GRANT VIEW ANY DEFINITION TO ${this.#login};`;
  }

  #denied(databaseName: string | null, message: string): Finding {
    return { databaseName, code: 'permission_denied', message };
  }

  #unreadable(databaseName: string | null, message: string): Finding {
    return { databaseName, code: 'database_unreadable' satisfies ErrorCode, message };
  }
}
