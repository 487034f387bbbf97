import type { Instance, InstanceInput, TlsMode } from '../../data';

/** What the form holds: texts as they are typed. */
export interface InstanceForm {
  name: string;
  engine: string;
  host: string;
  port: string;
  database: string;
  username: string;
  password: string;
  secretReference: string;
  owner: string;
  /** `key=value` each. */
  labels: string[];
  include: string[];
  exclude: string[];
  quietHours: string;
  tlsMode: TlsMode;
  tlsCa: string;
  tlsCert: string;
  tlsKey: string;
  tlsServerName: string;
  estimateOnTimeout: boolean;
  active: boolean;
}

export function formOf(instance: Instance | null): InstanceForm {
  return {
    name: instance?.name ?? '',
    engine: instance?.engine ?? 'postgresql',
    host: instance?.host ?? '',
    port: instance === null ? '' : String(instance.port),
    database: instance?.database ?? '',
    username: instance?.username ?? '',
    password: '',
    secretReference: '',
    owner: instance?.owner ?? '',
    labels: Object.entries(instance?.labels ?? {}).map(([key, value]) => `${key}=${value}`),
    include: [...(instance?.include ?? ['*'])],
    exclude: [...(instance?.exclude ?? [])],
    quietHours: quietHoursText(instance?.quiet_hours),
    tlsMode: instance?.tls?.mode ?? 'prefer',
    tlsCa: instance?.tls?.ca ?? '',
    tlsCert: instance?.tls?.cert ?? '',
    tlsKey: instance?.tls?.key ?? '',
    tlsServerName: instance?.tls?.server_name ?? '',
    estimateOnTimeout: instance?.estimate_on_timeout ?? false,
    active: instance?.active ?? true,
  };
}

/**
 * What the API is to be told. Empty fields are left to its defaults where an instance is new, and cleared where it is changed.
 * @param isNew whether the instance does not exist yet
 */
export function inputOf(form: InstanceForm, isNew: boolean): InstanceInput {
  const optional = <Name extends string>(name: Name, value: string) =>
    value.trim() === '' && isNew ? {} : { [name]: value.trim() === '' ? null : value.trim() };
  return {
    name: form.name.trim(),
    engine: form.engine,
    host: form.host.trim(),
    ...(form.port.trim() === '' ? {} : { port: Number(form.port) }),
    ...(form.database.trim() === '' ? {} : { database: form.database.trim() }),
    ...(form.username.trim() === '' ? {} : { username: form.username.trim() }),
    ...(form.password === '' ? {} : { password: form.password }),
    ...(form.secretReference.trim() === '' ? {} : { secret_reference: form.secretReference.trim() }),
    ...optional('owner', form.owner),
    labels: Object.fromEntries(form.labels.map(labelOf)),
    include: form.include,
    exclude: form.exclude,
    quiet_hours: form.quietHours.split(',').flatMap((hours) => (hours.trim() === '' ? [] : [hours.trim()])),
    tls: {
      mode: form.tlsMode,
      ...given('ca', form.tlsCa),
      ...given('cert', form.tlsCert),
      ...given('key', form.tlsKey),
      ...given('server_name', form.tlsServerName),
    },
    estimate_on_timeout: form.estimateOnTimeout,
    active: form.active,
  };
}

/** The names of the fields that stop the form from being sent. */
export function missingFields(form: InstanceForm, isNew: boolean): readonly (keyof InstanceForm)[] {
  const missing: (keyof InstanceForm)[] = (['name', 'host'] as const).filter((field) => form[field].trim() === '');
  if (isNew && form.username.trim() === '') missing.push('username');
  const port = Number(form.port);
  if (form.port.trim() !== '' && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) missing.push('port');
  if (form.labels.some((label) => !/^[^=]+=/.test(label))) missing.push('labels');
  return missing;
}

const connectionFields = [
  'host',
  'port',
  'database',
  'username',
  'tlsMode',
  'tlsCa',
  'tlsCert',
  'tlsKey',
  'tlsServerName',
] as const;

/**
 * What a test of the connection tries: the saved instance where the form says the same, what is typed where it holds a
 * secret to log in with, and nothing where the stored secret would have to go to another server than the saved one.
 */
export function testSubject(form: InstanceForm, instance: Instance | null): 'saved' | 'typed' | 'password-needed' {
  if (instance === null || form.password !== '' || form.secretReference.trim() !== '') return 'typed';
  const saved = formOf(instance);
  return connectionFields.every((field) => form[field] === saved[field]) ? 'saved' : 'password-needed';
}

function labelOf(label: string): [string, string] {
  const at = label.indexOf('=');
  return [label.slice(0, at), label.slice(at + 1)];
}

const given = (name: string, value: string) => (value.trim() === '' ? {} : { [name]: value.trim() });

const quietHoursText = (hours: readonly string[] | null | undefined) => (hours ?? []).join(', ');
