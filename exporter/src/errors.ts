/**
 * Every error a user can meet: its stable code, the HTTP status the API answers with, and the remedy in general terms.
 * The documentation's list of codes is made from this table.
 */
export const errorCatalogue = {
  // configuration and command line
  configuration_invalid: { status: 500, meaning: 'A setting is missing or has a value that cannot be used.' },
  usage: { status: 400, meaning: 'The command line was not understood.' },
  unhealthy: { status: 503, meaning: 'An exporter does not answer, or says that it is not ready.' },
  // repository
  repository_unavailable: { status: 503, meaning: 'The repository (our own PostgreSQL) does not answer.' },
  repository_newer: { status: 503, meaning: 'The repository was migrated by a newer Tidemark: upgrade this exporter.' },
  embedded_failed: { status: 503, meaning: 'The embedded PostgreSQL could not be started.' },
  // reaching an instance
  host_unknown: { status: 502, meaning: 'The host name does not resolve.' },
  connection_refused: { status: 502, meaning: 'Nothing listens on that host and port.' },
  connection_lost: { status: 502, meaning: 'The server closed the connection.' },
  timeout: { status: 504, meaning: 'A step did not finish within its deadline.' },
  protocol_error: { status: 502, meaning: 'The server sent something that is not its protocol.' },
  tls_failed: {
    status: 502,
    meaning: 'No encrypted connection: the certificate is not trusted, or TLS is set up wrongly.',
  },
  access_denied: { status: 502, meaning: 'The server refused the user name or the password.' },
  database_unknown: { status: 502, meaning: 'The database to connect to does not exist.' },
  too_many_connections: { status: 502, meaning: 'The server takes no more connections.' },
  credential_unavailable: { status: 502, meaning: 'The password of this instance cannot be read on this exporter.' },
  encryption_key_missing: { status: 500, meaning: 'There is no key for the passwords that are stored.' },
  secret_unreadable: { status: 500, meaning: 'A stored password was changed or damaged.' },
  target_refused: { status: 400, meaning: 'A connection test to this address is not allowed.' },
  engine_unsupported: { status: 400, meaning: 'This engine is not supported.' },
  server_too_old: { status: 502, meaning: 'The server is older than the oldest version that is supported.' },
  login_unencrypted: { status: 502, meaning: 'The login went over a network without TLS.' },
  // measuring
  permission_denied: { status: 502, meaning: 'A privilege is missing: the message holds the GRANT.' },
  database_unreadable: { status: 502, meaning: 'The server could not tell the size of this database.' },
  size_out_of_range: {
    status: 502,
    meaning: 'A size is negative or above 2^53 - 1 bytes and is refused, not rounded.',
  },
  query_failed: { status: 502, meaning: 'The server refused a statement.' },
  run_in_progress: { status: 409, meaning: 'A collection is running that cannot be joined.' },
  cancelled: { status: 409, meaning: 'Somebody cancelled the collection.' },
  skipped: { status: 409, meaning: 'The instance was left alone: quiet hours, or it takes long to measure.' },
  interrupted: { status: 503, meaning: 'The exporter stopped before this was finished.' },
  // API
  bad_request: { status: 400, meaning: 'A parameter is wrong: details name it.' },
  unauthorized: { status: 401, meaning: 'There is no token, or it is not valid (any more).' },
  forbidden: { status: 403, meaning: 'The role of the token does not allow this.' },
  not_found: { status: 404, meaning: 'There is no such thing.' },
  method_not_allowed: { status: 405, meaning: 'The path does not take this method: the header Allow says which.' },
  request_timeout: { status: 408, meaning: 'The request took too long to arrive.' },
  name_taken: { status: 409, meaning: 'Another one has that name.' },
  in_use: { status: 409, meaning: 'Something else needs it: details say what.' },
  provisioned: { status: 409, meaning: 'It comes from the configuration file: change it there.' },
  setting_fixed: { status: 409, meaning: 'The environment of the exporter fixes this setting: change it there.' },
  payload_too_large: { status: 413, meaning: 'The body of the request is larger than what is taken.' },
  unsupported_media_type: { status: 415, meaning: 'The body of the request is not application/json.' },
  headers_too_large: { status: 431, meaning: 'The address and the headers are larger than what is taken.' },
  rate_limited: { status: 429, meaning: 'Too many requests: the header Retry-After says when to come back.' },
  overloaded: {
    status: 503,
    meaning: 'Too much is exported at this moment: the header Retry-After says when to come back.',
  },
  internal: { status: 500, meaning: 'A fault of Tidemark: please report it.' },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

/** An error with a stable code, a message that names the remedy, and the cause. Messages never hold a secret. */
export class TidemarkError extends Error {
  readonly code: ErrorCode;
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TidemarkError';
    this.code = code;
    this.details = options.details;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** The `code` property that Node and the drivers put on their errors ('ECONNREFUSED', '28P01', …). */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
