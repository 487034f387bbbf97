import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line of a request carries. */
export interface RequestContext {
  readonly requestId: string;
}

/** The request on whose behalf something is done; none outside of requests. */
export const requestContext = new AsyncLocalStorage<RequestContext>();
