import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { instanceFields } from '../config/instance-fields.ts';
import type { TlsOptions } from '../config/tls.ts';
import { describe } from '../fleet/fleet.ts';
import type { InstanceDescription } from '../store/instances.ts';
import { isOneSecret, secretFields, twoSecrets } from './login.body.ts';

const path = z
  .string('expected the path of a PEM file')
  .max(1000, 'expected at most 1000 characters')
  .refine((text) => isAbsolute(text) && !text.includes('\0'), 'expected an absolute path of a PEM file on the exporter')
  .nullish();

const tls = z
  .strictObject({
    mode: z.enum(['disable', 'prefer', 'require', 'verify-full'], 'expected disable, prefer, require or verify-full'),
    ca: path,
    cert: path,
    key: path,
    server_name: instanceFields.host.nullish(),
  })
  .transform(({ mode, ca, cert, key, server_name }): TlsOptions => ({
    mode,
    ...(ca == null ? {} : { ca }),
    ...(cert == null ? {} : { cert }),
    ...(key == null ? {} : { key }),
    ...(server_name == null ? {} : { server_name }),
  }))
  .meta({ description: 'The paths are those on the exporter.' });

const loginFields = {
  username: instanceFields.username.optional(),
  ...secretFields,
  credential_id: z
    .int('expected the id of a credential')
    .min(1, 'expected the id of a credential')
    .max(2_147_483_647, 'expected the id of a credential')
    .optional()
    .meta({ description: 'A login that is kept for several instances, in place of one of its own.' }),
};

const newFields = {
  name: instanceFields.name.meta({ example: 'orders-pg' }),
  engine: instanceFields.engine.meta({ example: 'postgresql' }),
  host: instanceFields.host.meta({ example: 'db1.example.net' }),
  port: instanceFields.port.optional().meta({ description: "The engine's usual one where it is left out." }),
  database: instanceFields.database.optional().meta({ description: "What to connect to; the engine's usual one." }),
  ...loginFields,
  tls: tls.default({ mode: 'prefer' }),
  owner: instanceFields.owner.nullable().default(null),
  labels: instanceFields.labels.default({}),
  include: instanceFields.include.default(['*']),
  exclude: instanceFields.exclude.default([]),
  estimate_on_timeout: instanceFields.estimate_on_timeout.default(false),
  quiet_hours: instanceFields.quiet_hours.default([]),
  active: instanceFields.active.default(true),
};

interface LoginFields {
  readonly username?: string | undefined;
  readonly password?: string | null | undefined;
  readonly secret_reference?: string | null | undefined;
  readonly credential_id?: number | undefined;
}

const isOneLogin = (body: LoginFields): boolean =>
  body.credential_id === undefined ||
  (body.username === undefined && body.password === undefined && body.secret_reference === undefined);
const twoLogins = { path: ['credential_id'], message: 'expected without username, password and secret_reference' };
const hasLogin = (body: LoginFields): boolean => body.username !== undefined || body.credential_id !== undefined;
const noLogin = { path: ['username'], message: 'expected, or a credential_id' };

/** An instance that is to be watched. */
export const newInstance = z
  .strictObject(newFields)
  .refine(hasLogin, noLogin)
  .refine(isOneLogin, twoLogins)
  .refine(isOneSecret, twoSecrets);

/** One that is only tried: it needs no name. */
export const unsavedInstance = z
  .strictObject({ ...newFields, name: newFields.name.default('unsaved') })
  .refine(hasLogin, noLogin)
  .refine(isOneLogin, twoLogins)
  .refine(isOneSecret, twoSecrets);

/** What is to change of an instance. */
export const changedInstance = z
  .strictObject({
    name: instanceFields.name.optional(),
    engine: instanceFields.engine.optional(),
    host: instanceFields.host.optional(),
    port: instanceFields.port.optional(),
    database: instanceFields.database.optional(),
    ...loginFields,
    tls: tls.optional(),
    owner: instanceFields.owner.nullable().optional(),
    labels: instanceFields.labels.optional(),
    include: instanceFields.include.optional(),
    exclude: instanceFields.exclude.optional(),
    estimate_on_timeout: instanceFields.estimate_on_timeout.optional(),
    quiet_hours: instanceFields.quiet_hours.optional(),
    active: instanceFields.active.optional(),
  })
  .refine((body) => Object.keys(body).length > 0, 'expected at least one field that is to change')
  .refine(isOneLogin, twoLogins)
  .refine(isOneSecret, twoSecrets);

export function descriptionOf(body: z.output<typeof unsavedInstance>): InstanceDescription {
  return describe(body);
}

const descriptionFields = {
  ...{ name: 'name', engine: 'engine', host: 'host', port: 'port', database: 'database', tls: 'tls', owner: 'owner' },
  ...{ labels: 'labels', include: 'include', exclude: 'exclude', active: 'active' },
  ...{ estimate_on_timeout: 'estimateOnTimeout', quiet_hours: 'quietHours' },
} as const;

/** Only what is given. */
export function changesOf(body: z.output<typeof changedInstance>): Partial<InstanceDescription> {
  const given = Object.entries(descriptionFields).filter(([field]) => body[field as keyof typeof body] !== undefined);
  return Object.fromEntries(given.map(([field, name]) => [name, body[field as keyof typeof body]]));
}
