import type { Route } from '../route.ts';

/** The parts of a JSON schema that examples are made from. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly example?: unknown;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: unknown;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
}

interface Content {
  schema: JsonSchema;
  example?: unknown;
}

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>;
}

interface Document {
  readonly paths?: object;
  readonly components?: { readonly schemas?: object };
}

/**
 * Gives every body of a request and of a good answer an example: what the route says, and else what the examples of the
 * fields make together.
 */
export function withExamples<D extends Document>(document: D, routes: readonly Route[]): D {
  const schemas = (document.components?.schemas ?? {}) as Readonly<Record<string, JsonSchema>>;
  const paths = (document.paths ?? {}) as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  for (const { path, method, response, example } of routes) {
    const operation = paths[path]?.[method.toLowerCase()];
    const body = operation?.requestBody?.content['application/json'];
    if (body !== undefined) body.example = example.body ?? exampleOf(body.schema, schemas);
    const answer = operation?.responses[response.status]?.content?.['application/json'];
    if (answer === undefined || response.document !== null) continue;
    const made = exampleOf(answer.schema, schemas);
    answer.example = example.data === undefined ? made : { ...(made as object), data: example.data };
  }
  return document;
}

/** A value of a schema. */
function exampleOf(schema: JsonSchema, schemas: Readonly<Record<string, JsonSchema>>): unknown {
  if (schema.$ref !== undefined) return exampleOf(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, schemas);
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [choice] = schema.anyOf ?? schema.oneOf ?? [];
  if (choice !== undefined) return exampleOf(choice, schemas);
  switch (Array.isArray(schema.type) ? (schema.type as readonly string[])[0] : schema.type) {
    case 'object':
      return exampleObject(schema, schemas);
    case 'array':
      if (schema.prefixItems !== undefined) return schema.prefixItems.map((item) => exampleOf(item, schemas));
      return schema.items === undefined ? [] : [exampleOf(schema.items, schemas)];
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'string':
      return 'text';
    default:
      return null;
  }
}

function exampleObject(
  { properties, additionalProperties }: JsonSchema,
  schemas: Readonly<Record<string, JsonSchema>>,
): Record<string, unknown> {
  const entries = Object.entries(properties ?? {}).map(([name, schema]) => [name, exampleOf(schema, schemas)] as const);
  if (typeof additionalProperties === 'object' && additionalProperties !== null) {
    entries.push(['key', exampleOf(additionalProperties, schemas)]);
  }
  return Object.fromEntries(entries);
}
