import type { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import type { Actor } from '../store/audit.ts';
import { accessTable, type Access, type Operation } from './access.ts';
import type { ApiContext } from './context.ts';
import type { PageRequest, ResponseDeclaration } from './routing/response.ts';

/** What a handler is given: checked input, who asks, and the parts of the exporter. */
export interface RouteRequest<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Which rows a `page` is to return; an export asks for larger ones than a client may. */
  readonly page: PageRequest;
  readonly format: 'json' | 'csv';
  readonly actor: Actor;
  /** To be handed to every statement: only instances of this owner exist. Null: all. */
  readonly visibleTo: string | null;
  readonly context: ApiContext;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

/** A route as it is written down. Validation, types, access, the answer's form and the documentation come from it. */
export interface RouteDeclaration<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType, Result> {
  /** The section of the documentation. */
  readonly tag: string;
  /** One line. */
  readonly summary: string;
  readonly description?: string;
  /** One schema for each `{name}` of the path. */
  readonly params?: Params;
  /** `limit`, `offset` and `format` come by themselves where the response has them. */
  readonly query?: Query;
  /** Of a JSON body. */
  readonly body?: Body;
  readonly response: ResponseDeclaration<Result>;
  /** The codes that this route has beside those that any route can answer with. */
  readonly errors?: readonly ErrorCode[];
  readonly example: RouteExample;
  handler(request: RouteRequest<z.output<Params>, z.output<Query>, z.output<Body>>): Promise<Result> | Result;
}

/** For the documentation. */
export interface RouteExample {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  /** Of `data` in the answer; of the first row, where it is a list. */
  readonly data?: unknown;
}

/** A route as the application mounts it and the documentation describes it. */
export interface Route {
  readonly operation: Operation;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`, with `{name}` for what varies. */
  readonly path: string;
  readonly access: Access;
  readonly tag: string;
  readonly summary: string;
  readonly description: string | null;
  readonly params: z.ZodType | null;
  readonly query: z.ZodType | null;
  readonly body: z.ZodType | null;
  readonly response: ResponseDeclaration<unknown>;
  readonly errors: readonly ErrorCode[];
  readonly example: RouteExample;
  handle(request: RouteRequest): Promise<unknown>;
}

/** Declares the route of an operation that is in the access table. */
export function defineRoute<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType, Result>(
  operation: Operation,
  declaration: RouteDeclaration<Params, Query, Body, Result>,
): Route {
  const [method, path] = operation.split(' ') as [Route['method'], string];
  const { tag, summary, description, params, query, body, response, errors, example } = declaration;
  return {
    operation,
    method,
    path,
    access: accessTable[operation],
    ...{ tag, summary, description: description ?? null },
    ...{ params: params ?? null, query: query ?? null, body: body ?? null },
    ...{ response, errors: errors ?? [], example },
    // What the request holds was checked by the very schemas whose types the handler asks for.
    handle: async (request) =>
      declaration.handler(request as RouteRequest<z.output<Params>, z.output<Query>, z.output<Body>>),
  };
}
