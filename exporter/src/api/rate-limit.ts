import type pg from 'pg';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { TidemarkError } from '../errors.ts';

/** Seconds over which requests are counted. */
const duration = 60;

/** Requests without a valid token that an address may send in that time: nobody guesses 256 bits, but each guess costs a query. */
const refusedRequests = 300;

/** Counts requests in the repository, so that exporters share the counts; each for itself while the repository is away. */
export class RateLimit {
  readonly #requests: RateLimiterPostgres | null;
  readonly #refusals: RateLimiterPostgres;

  /** @param requestsPerMinute of one token; 0: no limit */
  constructor(pool: pg.Pool, requestsPerMinute: number) {
    this.#requests = requestsPerMinute === 0 ? null : limiter(pool, 'token', requestsPerMinute);
    this.#refusals = limiter(pool, 'address', refusedRequests);
  }

  /** A request with a token. @throws TidemarkError `rate_limited` */
  async countRequest(tokenId: number): Promise<void> {
    if (this.#requests !== null) await consume(this.#requests, String(tokenId));
  }

  /** A request without a valid token. @throws TidemarkError `rate_limited` */
  async countRefusal(address: string | undefined): Promise<void> {
    await consume(this.#refusals, address ?? 'unknown');
  }
}

function limiter(pool: pg.Pool, keyPrefix: string, points: number): RateLimiterPostgres {
  return new RateLimiterPostgres({
    // Without the names of prepared statements, which a pooler in transaction mode does not know.
    storeClient: { query: ({ text, values }: pg.QueryConfig) => pool.query(text, values) },
    storeType: 'pool',
    tableName: 'rate_limits',
    // A migration makes it.
    tableCreated: true,
    keyPrefix,
    points,
    duration,
    // Who is over the limit costs no more queries.
    inMemoryBlockOnConsumed: points + 1,
    insuranceLimiter: new RateLimiterMemory({ keyPrefix, points, duration }),
  });
}

async function consume(limit: RateLimiterPostgres, key: string): Promise<void> {
  try {
    await limit.consume(key);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    const retryAfterSeconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
    throw new TidemarkError('rate_limited', `too many requests: try again in ${retryAfterSeconds} seconds`, {
      details: { retry_after_seconds: retryAfterSeconds },
    });
  }
}
