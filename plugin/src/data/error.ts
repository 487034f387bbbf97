/** What a refused or failed request says: the API's error shape, plus the HTTP status. */
export interface ApiErrorContent {
  /** Stable name, as listed in the exporter's README: `bad_request`, `not_found`, `provisioned`, … */
  readonly code: string;
  /** For people; it names the remedy. */
  readonly message: string;
  readonly details: unknown;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
}

/** Thrown by everything that talks to the exporter. */
export class ApiError extends Error implements ApiErrorContent {
  readonly code: string;
  readonly details: unknown;
  readonly status: number;

  constructor(content: ApiErrorContent, options?: ErrorOptions) {
    super(content.message, options);
    this.name = 'ApiError';
    this.code = content.code;
    this.details = content.details;
    this.status = content.status;
  }
}

/** Codes of failures that happen before the exporter sees the request. */
export const proxyCodes = {
  /** Nobody answered where the data source points to. */
  unreachable: 'exporter_unreachable',
  /** Somebody answered, and it was not an exporter of this version. */
  unexpected: 'unexpected_answer',
  /** Grafana itself refused: the user's role does not allow this route. */
  refused: 'refused_by_grafana',
} as const;

/**
 * Reads an error out of an answer that is not a success. What lies between the browser and the exporter (Grafana's
 * proxy, a load balancer) answers in shapes of its own; those become an error that says where to look.
 */
export function errorFrom(status: number, body: unknown): ApiError {
  const ours = exportersError(body);
  if (ours !== null) return new ApiError({ ...ours, status });
  const said = textOf(body);
  if (status === 502 || status === 503 || status === 504 || status === 0) {
    return new ApiError({
      code: proxyCodes.unreachable,
      message:
        'The exporter does not answer. Check that it runs, and that the Grafana server reaches the URL of the data source' +
        (said === '' ? '.' : ` (${said}).`),
      details: null,
      status,
    });
  }
  if (status === 401 || status === 403) {
    return new ApiError({
      code: proxyCodes.refused,
      message: `Grafana refused the request${said === '' ? '' : ` (${said})`}: it needs a higher role than yours.`,
      details: null,
      status,
    });
  }
  return new ApiError({
    code: proxyCodes.unexpected,
    message: `The URL of the data source answered ${status}${said === '' ? '' : ` (${said})`}, not as a Tidemark exporter does. Check the URL.`,
    details: null,
    status,
  });
}

function exportersError(body: unknown): Omit<ApiErrorContent, 'status'> | null {
  if (!isRecord(body) || !isRecord(body.error)) return null;
  const { code, message, details } = body.error;
  return typeof code === 'string' && typeof message === 'string' ? { code, message, details: details ?? null } : null;
}

function textOf(body: unknown): string {
  const text = isRecord(body) ? (body.message ?? body.error ?? '') : body;
  return typeof text === 'string' ? text.slice(0, 200) : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
