import {
  createDocument,
  type CreateDocumentOptions,
  type ZodOpenApiOperationObject,
  type ZodOpenApiParameters,
} from 'zod-openapi';
import { z } from 'zod';
import { errorCatalogue, type ErrorCode } from '../../errors.ts';
import { version } from '../../version.ts';
import type { Access } from '../access.ts';
import type { Route } from '../route.ts';
import { commonParameters } from '../routing/input.ts';
import { curlOf } from './curl.ts';
import { withExamples } from './examples.ts';
import { introduction, tags } from './texts.ts';

/** A JSON document. */
export type OpenApiDocument = Readonly<Record<string, unknown>> & {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

/** The one shape of all errors. */
const errorAnswer = z
  .object({
    error: z.object({
      code: z
        .enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]])
        .meta({ description: 'Stable: for programs.' }),
      message: z.string().meta({ description: 'What is the matter and what helps: for people.' }),
      details: z
        .unknown()
        .meta({ description: 'With bad_request: a list of {field, problem}. Null where there is no more to say.' }),
    }),
  })
  .meta({ id: 'Error' });

/** The OpenAPI 3.1 document of routes: everything in it comes from their declarations. */
export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: describeOperation(route) };
  }
  const document = createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Tidemark',
        version,
        description: introduction,
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      },
      servers: [{ url: '/api/v1' }],
      security: [{ token: [] }],
      tags: tags.map(([name, description]) => ({ name, description })),
      paths,
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'A token: `tmk_…`' } },
      },
    },
    { override: tidy },
  );
  return withExamples(document, routes) as unknown as OpenApiDocument;
}

/** Parameters are text that we read as numbers or truths: the document speaks of what they mean. */
const tidy: NonNullable<CreateDocumentOptions['override']> = ({ zodSchema, jsonSchema, io }) => {
  // A standard value is of the type after the reading, so that it is left out where the two types differ.
  if (zodSchema instanceof z.ZodDefault && isPlain(zodSchema.def.defaultValue)) {
    jsonSchema.default ??= zodSchema.def.defaultValue;
  }
  const { type, format } = jsonSchema;
  if (type === 'integer' || type === 'boolean' || format === 'date-time' || format === 'date')
    delete jsonSchema.pattern;
  if (type === 'boolean') delete jsonSchema.enum;
  if (type === 'object') delete jsonSchema.propertyNames;
  // Fields may be added to answers; whoever reads them has to put up with that.
  if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
};

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

const whoMay: Readonly<Record<Access, string>> = {
  open: 'Needs no token.',
  everyone: 'Every token may do this; one of the role owner sees its own instances only.',
  own: 'For admins, and for owners on their own instances.',
  admin: 'For admins.',
};

function describeOperation(route: Route): ZodOpenApiOperationObject {
  const { summary, tag, description, access, params, body } = route;
  const query = queryOf(route);
  const requestParams: ZodOpenApiParameters = {
    ...(params === null ? {} : { path: params as z.ZodObject }),
    ...(Object.keys(query.shape).length === 0 ? {} : { query }),
  };
  return {
    operationId: operationId(route),
    summary,
    description: [description, whoMay[access]].filter((text) => text !== null).join('\n\n'),
    tags: [tag],
    ...(access === 'open' ? { security: [] } : {}),
    requestParams,
    ...(body === null
      ? {}
      : {
          requestBody: {
            required: !body.safeParse(undefined).success,
            content: { 'application/json': { schema: body } },
          },
        }),
    responses: { ...success(route), ...failures(route) },
    'x-codeSamples': [{ lang: 'Shell', label: 'curl', source: curlOf(route) }],
  };
}

function queryOf(route: Route): z.ZodObject {
  const own = route.query instanceof z.ZodObject ? (route.query.shape as z.ZodRawShape) : {};
  return z.strictObject({ ...own, ...commonParameters(route).shape });
}

/** `GET /instances/{id}/database-sizes` is getInstancesIdDatabaseSizes. */
function operationId({ method, path }: Route): string {
  const words = path.split(/[^a-z]+/i).filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function success({ response, summary, example }: Route): Responses {
  const { status, schema, csv, document } = response;
  if (document !== null) {
    const type = document.contentType(example.params).replace(/;.*/, '');
    return {
      '200': {
        description: summary,
        content: { [type]: { schema: type === 'application/json' ? z.looseObject({}) : z.string() } },
      },
    };
  }
  if (schema === null) return { [String(status) as '204']: { description: 'Done.' } };
  const csvContent = {
    'text/csv': { schema: z.string().meta({ description: `Columns: ${csv?.columns.join(', ') ?? ''}` }) },
  };
  return {
    [String(status) as '200']: {
      description: status === 201 ? 'It is made.' : status === 202 ? 'It is under way.' : 'The answer.',
      headers: z.object({
        'x-request-id': z.string().meta({ description: 'Names this request in the log of the exporter.' }),
      }),
      content: { 'application/json': { schema }, ...(csv === null ? {} : csvContent) },
    },
  };
}

/** The codes that a route can answer with: those of every route, and its own. */
export function errorCodesOf({ access, params, body, errors, response }: Route): ErrorCode[] {
  const codes: ErrorCode[] = [
    'bad_request',
    ...(access === 'open' ? [] : (['unauthorized', 'forbidden'] as const)),
    ...(params === null ? [] : (['not_found'] as const)),
    ...(body === null ? [] : (['payload_too_large', 'unsupported_media_type'] as const)),
    ...errors,
    'rate_limited',
    'internal',
    'repository_unavailable',
    ...(response.csv === null ? [] : (['overloaded'] as const)),
  ];
  return [...new Set(codes)];
}

type Responses = NonNullable<ZodOpenApiOperationObject['responses']>;

/** The same answers stand in the document once: what they are known by is their object. */
const failureAnswers = new Map<string, Responses['400']>();

function failures(route: Route): Responses {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorCodesOf(route)) {
    const { status } = errorCatalogue[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, codes]) => [String(status), failureAnswer(codes)]));
}

function failureAnswer(codes: readonly ErrorCode[]): Responses['400'] {
  const id = codes.join('_or_');
  const known = failureAnswers.get(id);
  if (known !== undefined) return known;
  const answer: Responses['400'] = {
    id,
    description: codes.map((code) => `\`${code}\`: ${errorCatalogue[code].meaning}`).join('\n\n'),
    content: {
      'application/json': {
        schema: errorAnswer,
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleError(code) }])),
      },
    },
  };
  failureAnswers.set(id, answer);
  return answer;
}

function exampleError(code: ErrorCode): z.input<typeof errorAnswer> {
  const details =
    code === 'bad_request' ? [{ field: 'limit', problem: 'expected a whole number from 1 to 1000' }] : null;
  return { error: { code, message: errorCatalogue[code].meaning, details } };
}
