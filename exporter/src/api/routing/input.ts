import type { Request } from 'express';
import { z } from 'zod';
import { problemOf } from '../../config/issues.ts';
import { TidemarkError } from '../../errors.ts';
import { wholeNumber } from '../parameters.ts';
import type { Route } from '../route.ts';
import type { PageRequest } from './response.ts';

/** The parameters of every route that answers a page of rows. */
const pageParameters = {
  limit: wholeNumber(1, 1000).default(100).meta({ description: 'How many rows at most.', example: 100 }),
  offset: wholeNumber(0, 999_999_999).default(0).meta({ description: 'How many rows to leave out.', example: 0 }),
};

/** The parameter of every route that answers rows. */
const formatParameter = {
  format: z
    .enum(['json', 'csv'], 'expected json or csv')
    .optional()
    .meta({ description: 'csv: all rows as CSV, as with the header `Accept: text/csv`.' }),
};

/** What a request holds, checked. */
export interface Input {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly page: PageRequest;
  readonly format: 'json' | 'csv';
}

/** @throws TidemarkError `bad_request` with every parameter that is wrong */
export function readInput(route: Route, request: Request): Input {
  const issues: Issue[] = [];
  const { own, common } = splitQuery(route, request.query);
  const params = check(route.params ?? noParameters, { ...request.params }, issues);
  const query = check(route.query ?? noParameters, own, issues, Object.keys(commonParameters(route).shape));
  const shared = check(commonParameters(route), common, issues) as Partial<PageRequest & { format: 'json' | 'csv' }>;
  const body = route.body === null ? undefined : check(route.body, request.body, issues);
  if (issues.length > 0) throw badRequest(issues);
  const { limit = Infinity, offset = 0 } = shared;
  return { params, query, body, page: { limit, offset }, format: shared.format ?? accepted(route, request) };
}

const noParameters = z.strictObject({});

/** Those that the form of the answer brings with it. */
export function commonParameters(route: Pick<Route, 'response'>): z.ZodObject {
  const { kind, csv } = route.response;
  return z.strictObject({ ...(kind === 'page' ? pageParameters : {}), ...(csv === null ? {} : formatParameter) });
}

/** Apart, so that a route's own schema may have conditions over several of its parameters. */
function splitQuery(route: Route, query: Request['query']) {
  const names = Object.keys(commonParameters(route).shape);
  const entries = Object.entries(query);
  // fromEntries defines its properties, so that one of the name __proto__ is one, and is refused.
  return {
    own: Object.fromEntries(entries.filter(([name]) => !names.includes(name))),
    common: Object.fromEntries(entries.filter(([name]) => names.includes(name))),
  };
}

function accepted(route: Route, request: Request): 'json' | 'csv' {
  return route.response.csv !== null && request.accepts(['application/json', 'text/csv']) === 'text/csv'
    ? 'csv'
    : 'json';
}

interface Issue {
  readonly field: string;
  readonly problem: string;
}

/** @param others what is known beside what the schema knows */
function check(schema: z.ZodType, value: unknown, issues: Issue[], others: readonly string[] = []): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      const problem = issue.path.length === 0 ? unknownAmong(schema, others) : 'is not known';
      issues.push(...issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), problem })));
    } else {
      issues.push({ field: issue.path.join('.'), problem: problemOf(issue) });
    }
  }
  return undefined;
}

function unknownAmong(schema: z.ZodType, others: readonly string[]): string {
  const known = [...keysOf(schema), ...others];
  return known.length === 0 ? 'is not known' : `is not known: expected ${known.join(', ')}`;
}

/** Of an object, also where it has a standard value or is turned into something else. */
function keysOf(schema: z.ZodType): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  const { innerType, in: input } = schema.def as { innerType?: z.ZodType; in?: z.ZodType };
  const inner = innerType ?? input;
  return inner === undefined ? [] : keysOf(inner);
}

function badRequest(details: readonly Issue[]): TidemarkError {
  const summary = details.map(({ field, problem }) => (field === '' ? problem : `${field}: ${problem}`)).join('; ');
  return new TidemarkError('bad_request', summary, { details });
}
