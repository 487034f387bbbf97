import { TidemarkError } from '../../errors.ts';
import type { Route, RouteRequest } from '../route.ts';

/** Rows that an export reads at a time. */
const exportPage = 10_000;

/** Seconds after which one who finds no slot may come again. */
const retryAfterSeconds = 5;

/** Bounds how many exports there are at the same time: each may go on for as long as its client takes. */
export class ExportSlots {
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** @throws TidemarkError `overloaded` */
  async use<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free === 0) {
      throw new TidemarkError(
        'overloaded',
        `too many exports at the same time: try again in ${retryAfterSeconds} seconds`,
        {
          details: { retry_after_seconds: retryAfterSeconds },
        },
      );
    }
    this.#free -= 1;
    try {
      return await work();
    } finally {
      this.#free += 1;
    }
  }
}

/**
 * Every row, whatever page was asked for. The first ones are read before anything is sent, so that an error at the start is an
 * error to the client too.
 */
export async function rowsOf(route: Route, request: RouteRequest): Promise<AsyncIterable<unknown> | Iterable<unknown>> {
  if (route.response.kind === 'data') return [await route.handle(request)];
  if (route.response.kind === 'table') return (await route.handle(request)) as readonly unknown[];
  const read = async (offset: number) =>
    ((await route.handle({ ...request, page: { limit: exportPage, offset } })) as { rows: readonly unknown[] }).rows;
  const first = await read(0);
  return (async function* () {
    let rows = first;
    for (let offset = exportPage; ; offset += exportPage) {
      yield* rows;
      if (rows.length < exportPage) return;
      rows = await read(offset);
    }
  })();
}
