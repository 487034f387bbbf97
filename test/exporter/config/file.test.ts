import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { dirname, join } from 'node:path';
import { readConfigurationFile, type FileValues } from '../../../exporter/src/config/file.ts';
import type { ConfigurationIssue } from '../../../exporter/src/config/issues.ts';
import type { Environment } from '../../../exporter/src/config/references.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';

const folder = createTemporaryFolder();
afterAll(() => folder.remove());

const write = (yaml: string): string => folder.write('tidemark.yaml', yaml);

function valuesOf(yaml: string, environment: Environment = {}): FileValues {
  const { values, issues } = readConfigurationFile(write(yaml), environment);
  expect(issues).toEqual([]);
  if (values === null) throw new Error('there are no values and no issues');
  return values;
}

function issuesOf(yaml: string, environment: Environment = {}): ConfigurationIssue[] {
  const { values, issues } = readConfigurationFile(write(yaml), environment);
  expect(values).toBeNull();
  return issues;
}

/** One instance with what it needs; a given line takes the place of the one with the same key. */
function instance(...lines: readonly string[]): string {
  const keyOf = (line: string): string => line.slice(0, line.indexOf(':'));
  const given = new Set(lines.map(keyOf));
  const needed = ['name: orders', 'engine: postgresql', 'host: db1', 'username: tidemark'];
  const all = [...needed.filter((line) => !given.has(keyOf(line))), ...lines];
  return ['instances:', ...all.map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`)].join('\n');
}

describe('the configuration file', () => {
  test('says everything there is to say of an instance', () => {
    const password = folder.write('password', 'from a file\n');
    const [orders] = valuesOf(`
include: ["*"]
exclude: ["*_old"]
instances:
  - name: orders-pg
    engine: postgresql
    host: db1.example.net
    port: 5433
    database: orders
    username: tidemark
    password: file:${password}
    tls: { mode: verify-full, ca: certificates/ca.pem, cert: /etc/cert.pem, key: ../key.pem, server_name: db1 }
    owner: team-orders
    labels: { environment: production, tier: "1" }
    include: ["app_*"]
    exclude: ["*_tmp"]
    estimate_on_timeout: true
    quiet_hours: ["08:00-18:00", "22:00-01:30"]
    active: false
`).instances;
    const { password: reference, ...rest } = orders ?? {};
    expect(rest).toEqual({
      name: 'orders-pg',
      engine: 'postgresql',
      host: 'db1.example.net',
      port: 5433,
      database: 'orders',
      username: 'tidemark',
      tls: {
        mode: 'verify-full',
        ca: join(folder.path, 'certificates/ca.pem'),
        cert: '/etc/cert.pem',
        key: join(folder.path, '../key.pem'),
        server_name: 'db1',
      },
      owner: 'team-orders',
      labels: { environment: 'production', tier: '1' },
      include: ['app_*'],
      exclude: ['*_tmp'],
      estimate_on_timeout: true,
      quiet_hours: ['08:00-18:00', '22:00-01:30'],
      active: false,
    });
    expect(reference?.read().reveal()).toBe('from a file');
  });

  test('needs to say little', () => {
    expect(valuesOf(instance())).toEqual({
      include: ['*'],
      exclude: [],
      instances: [
        {
          name: 'orders',
          engine: 'postgresql',
          host: 'db1',
          username: 'tidemark',
          password: null,
          tls: { mode: 'prefer' },
          owner: null,
          labels: {},
          include: ['*'],
          exclude: [],
          estimate_on_timeout: false,
          quiet_hours: [],
          active: true,
        },
      ],
    });
  });

  test.each(['', '# nothing but a comment\n', '---\n', 'instances: []', '{}'])(
    '%j is a file without instances',
    (yaml) => {
      expect(valuesOf(yaml)).toEqual({ include: ['*'], exclude: [], instances: [] });
    },
  );

  test('that is not there is said with its path', () => {
    const path = join(folder.path, 'absent.yaml');
    expect(readConfigurationFile(path, {}).issues).toEqual([
      { key: path, problem: expect.stringMatching(/^cannot be read: .*ENOENT/) },
    ]);
  });

  test('may share settings by anchor and alias', () => {
    const { instances } = valuesOf(
      instance('labels: &labels { environment: test }') +
        '\n  - { name: b, engine: mysql, host: db2, username: t, labels: *labels }',
    );
    expect(instances.map((one) => one.labels)).toEqual([{ environment: 'test' }, { environment: 'test' }]);
  });
});

describe('what is wrong in the configuration file', () => {
  test.each([
    ['name: ""', 'instances[0].name', 'a text that is not empty'],
    [`name: ${'x'.repeat(101)}`, 'instances[0].name', 'at most 100 characters'],
    ['name: 7', 'instances[0].name', 'expected a text'],
    ['engine: db2', 'instances[0].engine', 'expected one of postgresql, mysql'],
    ['host: ""', 'instances[0].host', 'not empty'],
    ['host: db 1', 'instances[0].host', 'a host name or an IP address, without port, brackets and spaces'],
    ['port: "54x"', 'instances[0].port', 'a port number'],
    ['port: 0', 'instances[0].port', '1 to 65535'],
    ['port: 65536', 'instances[0].port', '1 to 65535'],
    ['port: 54.32', 'instances[0].port', 'a port number'],
    ['database: ""', 'instances[0].database', 'not empty'],
    ['username: ""', 'instances[0].username', 'not empty'],
    ['password: 12345', 'instances[0].password', 'quote a password of digits'],
    ['password: env:ABSENT', 'instances[0].password', 'ABSENT is not set'],
    ['password: x${ABSENT}y', 'instances[0].password', 'ABSENT is not set'],
    ['password: ${ABSENT}', 'instances[0].password', 'ABSENT is not set'],
    ['password: file:absent', 'instances[0].password', join(folder.path, 'absent')],
    ['tls: { mode: always }', 'instances[0].tls.mode', 'disable, prefer, require or verify-full'],
    ['tls: { ca: "" }', 'instances[0].tls.ca', 'a PEM file'],
    ['tls: { verify: true }', 'instances[0].tls', 'verify'],
    ['owner: ""', 'instances[0].owner', 'not empty'],
    ['labels: [production]', 'instances[0].labels', 'key: value pairs'],
    ['labels: { tier: 1 }', 'instances[0].labels.tier', 'quote it'],
    ['include: app_*', 'instances[0].include', 'a list of patterns'],
    ['exclude: [""]', 'instances[0].exclude[0]', 'not empty'],
    ['exclude: [a, 7]', 'instances[0].exclude[1]', 'expected a text'],
    ['estimate_on_timeout: maybe', 'instances[0].estimate_on_timeout', 'true or false'],
    ['active: "yes"', 'instances[0].active', 'true or false'],
    ['hots: db1', 'instances[0]', 'hots'],
    ['host: "db-${SITE}"', 'instances[0].host', 'the environment variable SITE is not set'],
  ])('%s is said at %s', (line, key, problem) => {
    expect(issuesOf(instance(line))).toEqual([{ key, problem: expect.stringContaining(problem) }]);
  });

  test.each(['name', 'engine', 'host', 'username'])('a missing %s is said', (name) => {
    const all: Record<string, string> = { name: 'orders', engine: 'mysql', host: 'db1', username: 'tidemark' };
    const given = Object.fromEntries(Object.entries(all).filter(([key]) => key !== name));
    expect(issuesOf(JSON.stringify({ instances: [given] }))).toEqual([
      { key: `instances[0].${name}`, problem: expect.stringContaining('expected') },
    ]);
  });

  test.each([
    ['- name: orders', 'object'],
    ['just a text', 'object'],
    ['instance: []', 'instance'],
  ])('%j as the whole file is said at the path of the file', (yaml, problem) => {
    expect(issuesOf(yaml)).toEqual([
      { key: join(folder.path, 'tidemark.yaml'), problem: expect.stringContaining(problem) },
    ]);
  });

  test('a key that is not there is said with those that are', () => {
    const [issue] = issuesOf(instance('pasword: secret'));
    expect(issue).toMatchObject({ key: 'instances[0]' });
    expect(issue?.problem).toMatch(/^there is no pasword here; expected name, engine, host, port, .*password/);
  });

  test('is said all at once', () => {
    const issues = issuesOf(`
include: nothing
instances:
  - { name: a, engine: db2, host: "", username: "\${WHO}" }
  - { name: b, engine: mysql, host: db2, username: t, port: 99999, colour: red }
`);
    expect(issues.map((issue) => issue.key).sort()).toEqual(
      [
        'include',
        'instances[0].engine',
        'instances[0].host',
        'instances[0].username',
        'instances[0].username',
        'instances[1]',
        'instances[1].port',
      ].sort(),
    );
  });

  test('is said with passwords that are not there and names that are not the only ones', () => {
    const issues = issuesOf(`
instances:
  - { name: a, engine: db2, host: db1, username: t, password: "env:ABSENT" }
  - just a text
  - { name: a, engine: mysql, host: db3, username: t, password: "file:/absent", port: 0 }
`);
    expect(issues.map((issue) => issue.key)).toEqual([
      'instances[0].engine',
      'instances[1]',
      'instances[2].port',
      'instances[2].name',
      'instances[0].password',
      'instances[2].password',
    ]);
  });

  test('names must differ, and the password of each must be there', () => {
    const issues = issuesOf(`
instances:
  - { name: a, engine: mysql, host: db1, username: t, password: "env:ABSENT" }
  - { name: b, engine: mysql, host: db2, username: t }
  - { name: a, engine: mysql, host: db3, username: t, password: "file:/absent" }
`);
    expect(issues).toEqual([
      { key: 'instances[2].name', problem: 'is the name of instances[0] too: expected another one' },
      { key: 'instances[0].password', problem: expect.stringContaining('ABSENT') },
      { key: 'instances[2].password', problem: expect.stringContaining('/absent') },
    ]);
  });
});

describe('a file that is not YAML', () => {
  // What people write when a password is not quoted, each of which the parser quotes in one message or another.
  test.each([
    '*canary4711',
    '|canary4711',
    '>5canary4711',
    ']canary4711',
    '!canary4711',
    '!e!canary4711 x',
    '!!canary4711 x',
    '@canary4711',
    '%canary4711',
    '`canary4711',
    '{canary4711',
    '[canary4711',
    '"canary4711',
    '"\\canary4711"',
    '"x"canary4711',
    "'it's canary4711'",
    'x: canary4711',
    '&a *canary4711',
    '\t- canary4711\n   x: canary4711',
    '? canary4711',
    '{{ canary4711 }}',
  ])('with the password %j is refused with the place, and the password not shown', (password) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    try {
      const issues = issuesOf(instance(`password: ${password}`));
      expect(issues.length).toBeGreaterThan(0);
      for (const { key, problem } of issues) {
        expect(key).toMatch(/tidemark\.yaml$|^instances\[0\]/);
        expect(problem).toContain('expected');
        expect(problem).not.toMatch(/canary|4711/);
      }
      expect(JSON.stringify(warn.mock.calls)).not.toContain('canary');
    } finally {
      warn.mockRestore();
    }
  });

  test('says line, column and what it is', () => {
    expect(issuesOf('instances: []\ninstances: []\n')).toEqual([
      {
        key: join(folder.path, 'tidemark.yaml'),
        problem: expect.stringMatching(/^duplicate key at line 2, column 1: expected/),
      },
    ]);
  });

  test('with aliases that multiply is refused', () => {
    const rows = Array.from({ length: 9 }, (_, n) => {
      const item = n === 0 ? 'x' : `*a${n - 1}`;
      return `a${n}: &a${n} [${Array.from({ length: 9 }, () => item).join(', ')}]`;
    });
    expect(issuesOf(rows.join('\n'))).toEqual([
      { key: join(folder.path, 'tidemark.yaml'), problem: expect.stringContaining('alias') },
    ]);
  });
});

describe('variables in the configuration file', () => {
  const environment = {
    SITE: 'north',
    EMPTY: '',
    YAML: '", active: false, x: "',
    NESTED: '${SITE}',
    PASSWORD: 'word',
    REFERENCE: 'env:PASSWORD',
  };

  test.each([
    ['host: "db-${SITE}.example.net"', 'host', 'db-north.example.net'],
    ['host: ${SITE}${SITE}', 'host', 'northnorth'],
    ['host: "x${EMPTY}y"', 'host', 'xy'],
    ['owner: $SITE', 'owner', '$SITE'],
    ['owner: "$${SITE}"', 'owner', '${SITE}'],
    ['owner: "$${SITE}-${SITE}"', 'owner', '${SITE}-north'],
    ['owner: "${NESTED}"', 'owner', '${SITE}'],
    ['owner: "${YAML}"', 'owner', environment.YAML],
    ['owner: "${not a name}"', 'owner', '${not a name}'],
    ['owner: team-${SITE}', 'owner', 'team-north'],
  ])('%s', (line, field, value) => {
    const [first] = valuesOf(instance(line), environment).instances;
    expect(first).toHaveProperty(field, value);
    expect(first?.active).toBe(true);
  });

  test('may be numbers and truths', () => {
    const [orders] = valuesOf(instance('port: ${PORT}', 'active: ${ACTIVE}'), {
      PORT: '5433',
      ACTIVE: 'false',
    }).instances;
    expect(orders).toMatchObject({ port: 5433, active: false });
  });

  test('are put into lists and labels too', () => {
    const [first] = valuesOf(
      instance('include: ["${SITE}_*"]', 'labels: { site: "${SITE}" }', 'tls: { mode: prefer, ca: "/ca/${SITE}.pem" }'),
      environment,
    ).instances;
    expect(first).toMatchObject({ include: ['north_*'], labels: { site: 'north' }, tls: { ca: '/ca/north.pem' } });
  });

  test('are named with the key where they are missing', () => {
    expect(issuesOf(instance('labels: { site: "${ABSENT}", ok: "${SITE}" }'), environment)).toEqual([
      { key: 'instances[0].labels.site', problem: 'the environment variable ABSENT is not set' },
    ]);
  });

  test.each([
    ['"${PASSWORD}"', 'word', 'env:PASSWORD'],
    ['env:PASSWORD', 'word', 'env:PASSWORD'],
    ['"my-${PASSWORD}"', 'my-word', 'inline'],
    ['"${SITE}-${PASSWORD}$"', 'north-word$', 'inline'],
    ['"$${PASSWORD}"', '${PASSWORD}', 'inline'],
    ['"x${REFERENCE}"', 'xenv:PASSWORD', 'inline'],
    ['"${EMPTY}${REFERENCE}"', 'env:PASSWORD', 'inline'],
    ['$PASSWORD', '$PASSWORD', 'inline'],
    ['"12345"', '12345', 'inline'],
    ['""', '', 'inline'],
    ['"*&!|>%@`"', '*&!|>%@`', 'inline'],
  ])('a password %s is a reference: %j', (text, value, description) => {
    const [first] = valuesOf(instance(`password: ${text}`), environment).instances;
    expect(first?.password?.read().reveal()).toBe(value);
    expect(first?.password?.description).toBe(description);
    if (description === 'inline' && value !== '') expect(JSON.stringify(first)).not.toContain(value);
  });

  test('a relative path of a password starts at the folder of the file', () => {
    folder.write('relative', 'word\n');
    const [first] = valuesOf(instance('password: file:./relative')).instances;
    expect(first?.password?.read().reveal()).toBe('word');
  });

  test('the path of a password may hold variables', () => {
    folder.write('password-north', 'word\n');
    const [first] = valuesOf(instance('password: "file:password-${SITE}"'), environment).instances;
    expect(first?.password?.read().reveal()).toBe('word');
    expect(first?.password?.description).toBe(`file:${join(folder.path, 'password-${SITE}')}`);
  });

  test('a variable of it may hold a whole path', () => {
    const path = folder.write('elsewhere', 'word\n');
    const variables = { ...environment, SECRETS: dirname(path) };
    const [first] = valuesOf(instance('password: "file:${SECRETS}/elsewhere"'), variables).instances;
    expect(first?.password?.read().reveal()).toBe('word');
  });
});
