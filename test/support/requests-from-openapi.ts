import fc, { type Arbitrary } from 'fast-check';

/** The parts of a JSON schema that values are made from. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
}

export interface OpenApiOperation {
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: JsonSchema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema?: object }>> }>>;
}

export interface OpenApiPaths {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
}

/** A request as a client would write it. In `path`, `{{n}}` stands for the n-th object that there is. */
export interface MadeRequest {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  /** As text, valid JSON or not. */
  readonly body: string | null;
  readonly token: 'admin' | 'viewer' | 'owner' | 'none' | 'unknown';
  readonly csv: boolean;
}

/** Any operation of the document, with what it asks for, and with what nobody asked for. */
export function madeRequests(document: OpenApiPaths): Arbitrary<MadeRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return fc.constantFrom(...operations).chain(({ path, method, operation }) =>
    fc
      .record({
        path: pathOf(path, operation),
        query: queryOf(operation),
        body: bodyOf(operation),
        token: fc.oneof(
          { weight: 6, arbitrary: fc.constant('admin' as const) },
          { weight: 3, arbitrary: fc.constantFrom('viewer' as const, 'owner' as const) },
          { weight: 1, arbitrary: fc.constantFrom('none' as const, 'unknown' as const) },
        ),
        csv: fc.boolean(),
      })
      .map(({ path: filled, query, ...rest }) => ({
        ...{ operation: `${method} ${path}`, method },
        ...{ path: `${filled}${query === '' ? '' : `?${query}`}`, ...rest },
      })),
  );
}

function pathOf(path: string, operation: OpenApiOperation): Arbitrary<string> {
  const known = fc.nat(5).map((index) => `{{${index}}}`);
  const parts = path.split('/').map((part) => {
    const schema = operation.parameters?.find(({ name }) => part === `{${name}}`)?.schema;
    if (schema === undefined) return fc.constant(part);
    const valid = valueOf(schema).map(textOf);
    return fc.oneof(
      { weight: 6, arbitrary: schema.type === 'integer' ? known : valid },
      { weight: 1, arbitrary: valid },
      { weight: 1, arbitrary: strangeText },
    );
  });
  return fc.tuple(...parts).map((texts) => texts.join('/'));
}

/** Each parameter is there or not, once or several times; now and then one is nonsense, or unknown. */
function queryOf({ parameters = [] }: OpenApiOperation): Arbitrary<string> {
  const pairs = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema }) => {
      const items = schema.type === 'array' ? (schema.items ?? {}) : schema;
      const value = mostly(valueOf(items).map(textOf), strangeText, 30);
      const once = value.map((text) => [`${name}=${text}`]);
      const several = fc.array(value, { maxLength: 3 }).map((texts) => texts.map((text) => `${name}=${text}`));
      const given = schema.type === 'array' ? several : mostly(once, several, 30);
      return fc.oneof({ weight: 2, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: given });
    });
  const unknown = fc.tuple(strangeText, strangeText).map(([name, value]) => [`${name}=${value}`]);
  return fc.tuple(...pairs, mostly(fc.constant<string[]>([]), unknown, 30)).map((texts) => texts.flat().join('&'));
}

function bodyOf({ requestBody }: OpenApiOperation): Arbitrary<string | null> {
  const schema = requestBody?.content['application/json']?.schema;
  if (schema === undefined) return fc.constant(null);
  const valid = valueOf(schema).map((value) => JSON.stringify(value));
  const other = fc.jsonValue({ noUnicodeString: false }).map((value) => JSON.stringify(value));
  return fc.oneof(
    { weight: 12, arbitrary: valid },
    { weight: 2, arbitrary: other },
    { weight: 1, arbitrary: fc.constantFrom(null, '', '{', '[]', '{"__proto__": {"name": 1}}', '"text"', '\u0000') },
  );
}

/** Something that fits the schema; nearly always, where only the server knows all its rules. */
export function valueOf(schema: JsonSchema): Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(valueOf));
  switch (Array.isArray(schema.type) ? (schema.type as readonly string[])[0] : schema.type) {
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valueOf(schema.items ?? {}), { maxLength: 3 });
    case 'object':
      return objectOf(schema);
    case 'string':
      return stringOf(schema);
    default:
      return fc.jsonValue();
  }
}

function numberOf({ minimum = -1000, maximum = 1_000_000 }: JsonSchema): Arbitrary<number> {
  const least = Math.max(minimum, Number.MIN_SAFE_INTEGER);
  const most = Math.min(maximum, Number.MAX_SAFE_INTEGER);
  return fc.oneof(
    fc.integer({ min: least, max: Math.min(most, least + 50) }),
    fc.maxSafeInteger().map((value) => least + (Math.abs(value) % (most - least + 1))),
    fc.constantFrom(least, most),
  );
}

function objectOf({ properties = {}, required = [], additionalProperties }: JsonSchema): Arbitrary<unknown> {
  const known = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, valueOf(schema)])),
    { requiredKeys: [...required] },
  );
  if (typeof additionalProperties !== 'object') return known;
  const others = fc.dictionary(textOfLength(0, 20), valueOf(additionalProperties), { maxKeys: 3 });
  return fc.tuple(known, others).map(([one, other]) => ({ ...one, ...other }));
}

function stringOf({ format, pattern, minLength = 0, maxLength = 300 }: JsonSchema): Arbitrary<string> {
  const moments = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  const recent = fc.date({ min: new Date('2024-01-01'), max: new Date('2030-12-31'), noInvalidDate: true });
  const iso = fc.oneof(recent, moments).map((moment) => moment.toISOString());
  if (format === 'date') return iso.map((text) => text.slice(0, 10));
  if (format === 'date-time') return iso;
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern)).filter((text) => text.length <= maxLength);
  return textOfLength(minLength, Math.min(maxLength, 300));
}

/** Of letters, of whatever Unicode has, and of what breaks other programs. */
function textOfLength(minLength: number, maxLength: number): Arbitrary<string> {
  const length = { minLength, maxLength };
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
  return fc.oneof(
    fc.string({ ...length, size: 'small' }),
    fc.string({ ...length, unit: 'binary', size: 'small' }).filter(fits),
    fc.constantFrom(...hostileTexts.filter(fits), 'a'.repeat(Math.max(1, maxLength))),
  );
}

const hostileTexts = [
  '\0',
  '\ud800',
  '\n',
  "' OR 1=1 --",
  '%_\\',
  '__proto__',
  'constructor',
  '{}',
  '$1',
  '\u202e',
  '👩‍💻',
  '..',
];

/** What stands in a URL, encoded or wrong. */
const strangeText: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '-1',
    '1.5',
    '1e309',
    'NaN',
    'null',
    'true',
    '[]',
    '2026-02-30',
    '0000-01-01',
    '10000-01-01',
  ),
  fc.constantFrom('%00', '%', '%ff', '%ED%A0%80', '..', '.', '%2F', '__proto__', 'a[b]=c', '9'.repeat(30)),
  fc.string({ unit: 'binary', maxLength: 20 }).map(encoded),
  fc.constant('x'.repeat(3000)),
);

function textOf(value: unknown): string {
  return encoded(typeof value === 'string' ? value : JSON.stringify(value));
}

function encoded(text: string): string {
  // Half a surrogate pair has no encoding: its bytes are what a careless client would send.
  return Array.from(text)
    .map((character) => (/\p{Surrogate}/u.test(character) ? '%ED%A0%80' : encodeURIComponent(character)))
    .join('');
}

/** @param every one in so many is the other one */
function mostly<T>(usual: Arbitrary<T>, other: Arbitrary<T>, every: number): Arbitrary<T> {
  return fc.oneof({ weight: every - 1, arbitrary: usual }, { weight: 1, arbitrary: other });
}
