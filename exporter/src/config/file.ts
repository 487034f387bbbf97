import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument, type YAMLParseError } from 'yaml';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { instanceFields } from './instance-fields.ts';
import { issuesOf, type ConfigurationIssue } from './issues.ts';
import { knownKeys } from './known-keys.ts';
import { parseSecretReference, type Environment, type SecretReference } from './references.ts';
import { Secret } from './secret.ts';
import { tlsSchema } from './tls.ts';

/** Numbers and truths that come out of a variable (`port: ${PORT}`) are text until here. */
function fromVariable<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => {
    if (value === 'true' || value === 'false') return value === 'true';
    return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  }, schema);
}

/** What `tidemark.yaml` says of one instance. The names are those that the user writes. */
export const instanceSchema = knownKeys({
  name: instanceFields.name,
  engine: instanceFields.engine,
  host: instanceFields.host,
  port: fromVariable(instanceFields.port.optional()),
  database: instanceFields.database.optional(),
  username: instanceFields.username,
  password: z.string('expected a text: quote a password of digits').optional(),
  tls: tlsSchema.default({ mode: 'prefer' }),
  owner: instanceFields.owner.nullable().default(null),
  labels: instanceFields.labels.default({}),
  include: instanceFields.include.default(['*']),
  exclude: instanceFields.exclude.default([]),
  estimate_on_timeout: fromVariable(instanceFields.estimate_on_timeout.default(false)),
  quiet_hours: instanceFields.quiet_hours.default([]),
  active: fromVariable(instanceFields.active.default(true)),
});

const fileSchema = knownKeys({
  include: instanceFields.include.default(['*']),
  exclude: instanceFields.exclude.default([]),
  instances: z.array(instanceSchema, 'expected a list of instances').default([]),
});

export type InstanceDefinition = Readonly<
  Omit<z.output<typeof instanceSchema>, 'password'> & { password: SecretReference | null }
>;

export interface FileValues {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly instances: readonly InstanceDefinition[];
}

/** Reads and checks the configuration file. Relative paths in it (CA, certificate, secrets) start at its folder. */
export function readConfigurationFile(
  path: string,
  environment: Environment,
): { values: FileValues | null; issues: ConfigurationIssue[] } {
  const document = parseYaml(path);
  if ('issues' in document) return { values: null, issues: document.issues };
  const missing: ConfigurationIssue[] = [];
  const interpolated = interpolate(document.content ?? {}, environment, '', missing);
  const folder = dirname(resolve(path));
  // Looked at in what is written, so that another mistake does not hide them.
  const instancesWritten = writtenInstances(interpolated);
  const others = [
    ...duplicateNames(instancesWritten),
    ...unreadablePasswords(instancesWritten.map(({ password }) => passwordReference(password, folder, environment))),
  ];
  const parsed = fileSchema.safeParse(interpolated);
  if (!parsed.success) {
    const issues = issuesOf(parsed.error).map((issue) => ({ ...issue, key: issue.key === '' ? path : issue.key }));
    return { values: null, issues: [...missing, ...issues, ...others] };
  }
  const instances = parsed.data.instances.map((instance) => ({
    ...instance,
    tls: withAbsolutePaths(instance.tls, folder),
    password: passwordReference(instance.password, folder, environment),
  }));
  const issues = [...missing, ...others];
  return { values: issues.length === 0 ? { ...parsed.data, instances } : null, issues };
}

function parseYaml(path: string): { content: unknown } | { issues: ConfigurationIssue[] } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { issues: [{ key: path, problem: `cannot be read: ${messageOf(error)}` }] };
  }
  // Without a log level the parser warns on standard error, and quotes what it warns of.
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'error' });
  // A warning is a tag that nobody knows: a text that starts with ! and would be read as empty.
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) return { issues: problems.map((problem) => ({ key: path, problem: describe(problem) })) };
  try {
    return { content: document.toJS() };
  } catch {
    return { issues: [{ key: path, problem: 'an alias has no anchor: expected a text that starts with * in quotes' }] };
  }
}

/** The parser's own message quotes what it stumbled over, which may be a password: its kind and place say enough. */
function describe({ code, linePos }: Pick<YAMLParseError, 'code' | 'linePos'>): string {
  const { line, col } = linePos?.[0] ?? { line: 0, col: 0 };
  const kind = code.toLowerCase().replaceAll('_', ' ');
  return `${kind} at line ${line}, column ${col}: expected YAML, with quotes around texts that hold special characters`;
}

/** What the parts of the file that are instances say of the two things that no schema looks at. */
function writtenInstances(content: unknown): { name: string | undefined; password: string | undefined }[] {
  const list: unknown = (content as { instances?: unknown } | null)?.instances;
  if (!Array.isArray(list)) return [];
  return list.map((item: unknown) => {
    const { name, password } = (item ?? {}) as { name?: unknown; password?: unknown };
    return {
      name: typeof name === 'string' ? name : undefined,
      password: typeof password === 'string' ? password : undefined,
    };
  });
}

/** `${NAME}` in a text, and `$${`, which stands for `${`. */
const variables = /\$?\$\{(\w+)\}/g;

function withVariables(text: string, valueOf: (name: string) => string): string {
  return text.replace(variables, (match, name: string) => (match.startsWith('$$') ? match.slice(1) : valueOf(name)));
}

/** Puts the variables in every text but the passwords, which are read at each use. */
function interpolate(value: unknown, environment: Environment, key: string, missing: ConfigurationIssue[]): unknown {
  if (typeof value === 'string') {
    return withVariables(value, (name) => {
      const replacement = environment[name];
      if (replacement === undefined) missing.push({ key, problem: `the environment variable ${name} is not set` });
      return replacement ?? '';
    });
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => interpolate(item, environment, `${key}[${index}]`, missing));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]): [string, unknown] => {
    const itemKey = key === '' ? name : `${key}.${name}`;
    return [name, name === 'password' ? item : interpolate(item, environment, itemKey, missing)];
  });
  return Object.fromEntries(entries);
}

function passwordReference(
  password: string | undefined,
  folder: string,
  environment: Environment,
): SecretReference | null {
  if (password === undefined) return null;
  const absolute = (text: string): string =>
    text.startsWith('file:') ? `file:${resolve(folder, text.slice(5))}` : text;
  const reference = parseSecretReference(absolute(password), environment);
  if (reference.description.startsWith('env:') || password.search(variables) === -1) return reference;
  // At each use, as the file itself: what a variable holds may be a whole path.
  const current = (): string =>
    withVariables(password, (name) => parseSecretReference(`env:${name}`, environment).read().reveal());
  return {
    description: reference.description,
    read: () =>
      reference.description === 'inline'
        ? new Secret(current())
        : parseSecretReference(absolute(current()), environment).read(),
  };
}

function withAbsolutePaths(tls: z.output<typeof tlsSchema>, folder: string): z.output<typeof tlsSchema> {
  const absolute = { ...tls };
  for (const field of ['ca', 'cert', 'key'] as const) {
    const path = absolute[field];
    if (path !== undefined) absolute[field] = resolve(folder, path);
  }
  return absolute;
}

function duplicateNames(instances: readonly { readonly name: string | undefined }[]): ConfigurationIssue[] {
  return instances.flatMap(({ name }, index) => {
    const first = instances.findIndex((other) => other.name === name);
    if (name === undefined || first === index) return [];
    return [
      { key: `instances[${index}].name`, problem: `is the name of instances[${first}] too: expected another one` },
    ];
  });
}

/** A password that cannot be had now is better said at start than at three in the morning. */
function unreadablePasswords(passwords: readonly (SecretReference | null)[]): ConfigurationIssue[] {
  return passwords.flatMap((password, index) => {
    try {
      password?.read();
      return [];
    } catch (error) {
      return [{ key: `instances[${index}].password`, problem: messageOf(error) }];
    }
  });
}
