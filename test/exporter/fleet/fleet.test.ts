import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { loadConfig, type Config } from '../../../exporter/src/config/config.ts';
import { Secret } from '../../../exporter/src/config/secret.ts';
import { provisionFleet, type Fleet } from '../../../exporter/src/fleet/fleet.ts';
import { commandLine } from '../../../exporter/src/store/audit.ts';
import { createInstance } from '../../../exporter/src/store/instance-changes.ts';
import { listInstances } from '../../../exporter/src/store/instance-list.ts';
import { findInstance, listActiveInstances, type Instance } from '../../../exporter/src/store/instances.ts';
import { readHistory } from '../../../exporter/src/store/measurements.ts';
import { addInstance, addMeasurements, instanceDescription, measurement } from '../../support/fleet-fixtures.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const folder = createTemporaryFolder();
const emptyFolder = createTemporaryFolder();
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  folder.remove();
  emptyFolder.remove();
  await database.close();
});

beforeEach(() => database.pool.query('TRUNCATE instances, credentials CASCADE'));

const environment = { ORDERS_PASSWORD: 'from the environment' };
const embedded = {
  ...{ host: '127.0.0.1', port: 5499, username: 'postgres', password: new Secret('embedded word') },
  dataDirectory: '/nowhere',
};

function configOf(yaml: string): Config {
  folder.write('tidemark.yaml', yaml);
  return loadConfig(environment, folder.path);
}

const withoutFile = (): Config => loadConfig({}, emptyFolder.path);

async function provision(config: Config, options: { embedded?: typeof embedded } = {}): Promise<Fleet> {
  return provisionFleet(database.pool, config, options.embedded ?? null, environment);
}

async function instance(name: string): Promise<Instance> {
  const found = await findInstance(database.pool, { name });
  if (found === null) throw new Error(`there is no instance "${name}"`);
  return found;
}

const activeNames = async (): Promise<string[]> =>
  (await listActiveInstances(database.pool)).map((active) => active.name);

const orders = `
  - name: orders
    engine: postgresql
    host: db1.example.net
    port: 5433
    database: orders
    username: tidemark
    password: env:ORDERS_PASSWORD
    tls: { mode: verify-full, ca: /etc/ca.pem }
    owner: team-orders
    labels: { environment: production }
    include: ["app_*"]
    exclude: ["*_tmp"]
    estimate_on_timeout: true
`;
const shop = '\n  - { name: shop, engine: mysql, host: db2, username: tidemark }\n';

describe('provisioning', () => {
  test('brings what the file says into the repository, with the defaults of the engine', async () => {
    await provision(configOf(`instances:${orders}${shop}`));
    expect(await instance('orders')).toMatchObject({
      source: 'file',
      engine: 'postgresql',
      host: 'db1.example.net',
      port: 5433,
      database: 'orders',
      tls: { mode: 'verify-full', ca: '/etc/ca.pem' },
      owner: 'team-orders',
      labels: { environment: 'production' },
      include: ['app_*'],
      exclude: ['*_tmp'],
      estimateOnTimeout: true,
      active: true,
      username: null,
      secretReference: null,
    });
    expect(await instance('shop')).toMatchObject({ engine: 'mysql', port: 3306, tls: { mode: 'prefer' }, owner: null });
  });

  test('puts no login into the repository', async () => {
    await provision(
      configOf(`instances:\n  - { name: a, engine: mysql, host: h, username: canary, password: canary }`),
    );
    const { rows } = await database.pool.query('SELECT to_jsonb(i) AS row FROM instances AS i');
    expect(JSON.stringify(rows)).toContain('"name":"a"');
    expect(JSON.stringify(rows)).not.toContain('canary');
    expect((await database.pool.query('SELECT * FROM credentials')).rows).toEqual([]);
  });

  test('again changes nothing, by ten exporters at the same time too', async () => {
    const config = configOf(`instances:${orders}${shop}`);
    await provision(config);
    const before = await listInstances(database.pool, { fleet: { visibleTo: null }, limit: 10, offset: 0 });
    await Promise.all(Array.from({ length: 10 }, () => provision(config)));
    expect(await listInstances(database.pool, { fleet: { visibleTo: null }, limit: 10, offset: 0 })).toEqual(before);
  });

  test('by exporters that name the same instances in another order does not end in a deadlock', async () => {
    const lines = Array.from({ length: 40 }, (_, n) => `\n  - { name: db${n}, engine: mysql, host: h, username: u }`);
    const forwards = configOf(`instances:${lines.join('')}`);
    const backwards = configOf(`instances:${lines.reverse().join('')}`);
    await Promise.all(Array.from({ length: 10 }, (_, n) => provision(n % 2 === 0 ? forwards : backwards)));
    expect(await activeNames()).toHaveLength(40);
  });

  test('follows a change of the file, under the same id', async () => {
    await provision(configOf(`instances:${shop}`));
    const { id } = await instance('shop');
    await provision(configOf(`instances:${shop.replace('db2', 'db3')}`));
    expect(await instance('shop')).toMatchObject({ id, host: 'db3' });
  });

  test('deactivates what the file no longer names, its history kept, until it is named again', async () => {
    await provision(configOf(`instances:${orders}${shop}`));
    const { id } = await instance('shop');
    await addMeasurements(database.pool, id, '2024-01-31', [measurement('db', 7)]);
    await provision(configOf(`instances:${orders}`));
    expect(await activeNames()).toEqual(['orders']);
    const all = { instanceId: id, startDate: null, endDate: null, databaseName: null };
    expect(await readHistory(database.pool, all)).toMatchObject([{ databaseName: 'db', sizeBytes: 7 }]);
    await provision(configOf(`instances:${orders}${shop}`));
    expect(await instance('shop')).toMatchObject({ id, active: true });
  });

  test('keeps inactive what the file says is', async () => {
    await provision(configOf(`instances:${orders}    active: false${shop}`));
    expect(await activeNames()).toEqual(['shop']);
  });

  test('without a file leaves the instances of the file and of users alone', async () => {
    await provision(configOf(`instances:${shop}`));
    await addInstance(database.pool, 'by-hand');
    await provision(withoutFile());
    expect(await activeNames()).toEqual(['by-hand', 'shop']);
  });

  test("is refused where a user's instance has the name, and changes nothing", async () => {
    await addInstance(database.pool, 'shop', { host: 'by-hand' });
    await expect(provision(configOf(`instances:${orders}${shop}`))).rejects.toMatchObject({
      code: 'name_taken',
      message: expect.stringContaining('"shop"'),
    });
    expect(await activeNames()).toEqual(['shop']);
    expect(await instance('shop')).toMatchObject({ source: 'user', host: 'by-hand' });
  });
});

describe('the embedded repository', () => {
  test('is watched where nothing else is named', async () => {
    const fleet = await provision(withoutFile(), { embedded });
    const watched = await instance('tidemark-repository');
    expect(watched).toMatchObject({ source: 'embedded', engine: 'postgresql', active: true, port: 5499 });
    const target = fleet.targetOf(watched);
    expect(target).toMatchObject({ host: '127.0.0.1', port: 5499, username: 'postgres', tls: { mode: 'disable' } });
    expect(target.password?.reveal()).toBe('embedded word');
  });

  test('is watched where the file names no instance', async () => {
    await provision(configOf('instances: []'), { embedded });
    expect(await activeNames()).toEqual(['tidemark-repository']);
  });

  test('is no longer watched once the file names an instance, or once there is none', async () => {
    await provision(withoutFile(), { embedded });
    await provision(configOf(`instances:${shop}`), { embedded });
    expect(await activeNames()).toEqual(['shop']);
    await provision(configOf('instances: []'), { embedded });
    expect(await activeNames()).toEqual(['tidemark-repository']);
    await provision(withoutFile());
    expect(await activeNames()).toEqual([]);
  });

  test('follows its port, which changes with every start', async () => {
    await provision(withoutFile(), { embedded });
    await provision(withoutFile(), { embedded: { ...embedded, port: 6001 } });
    expect(await instance('tidemark-repository')).toMatchObject({ port: 6001 });
  });
});

describe('logging in', () => {
  test('to an instance of the file takes its login, the password read at that moment', async () => {
    folder.write('password', 'first\n');
    const fleet = await provision(
      configOf(`instances:${orders.replace('env:ORDERS_PASSWORD', 'file:password')}${shop}`),
    );
    const target = fleet.targetOf(await instance('orders'));
    expect(target).toEqual({
      host: 'db1.example.net',
      port: 5433,
      database: 'orders',
      username: 'tidemark',
      password: expect.any(Secret),
      tls: { mode: 'verify-full', ca: '/etc/ca.pem' },
    });
    expect(target.password?.reveal()).toBe('first');
    folder.write('password', 'second\n');
    expect(fleet.targetOf(await instance('orders')).password?.reveal()).toBe('second');
    expect(fleet.targetOf(await instance('shop')).password).toBeNull();
  });

  test('to an instance of a user takes the login of the repository', async () => {
    const login = { username: 'somebody', secret: { reference: 'env:ORDERS_PASSWORD' } };
    await createInstance(database.pool, commandLine, instanceDescription({ name: 'by-hand' }), login);
    await createInstance(database.pool, commandLine, instanceDescription({ name: 'open' }), { ...login, secret: null });
    const fleet = await provision(withoutFile());
    const target = fleet.targetOf(await instance('by-hand'));
    expect([target.username, target.password?.reveal()]).toEqual(['somebody', 'from the environment']);
    expect(fleet.targetOf(await instance('open')).password).toBeNull();
  });

  test('to an instance of a user never takes the login of the file, even under the same name', async () => {
    const fleet = await provision(configOf(`instances:${shop}`));
    await database.pool.query('DELETE FROM instances');
    const login = { username: 'somebody', secret: null };
    await createInstance(database.pool, commandLine, instanceDescription({ name: 'shop' }), login);
    expect(fleet.targetOf(await instance('shop')).username).toBe('somebody');
  });

  test('with a password that this exporter does not have is an error with the name of the variable', async () => {
    const login = { username: 'somebody', secret: { reference: 'env:ABSENT' } };
    await createInstance(database.pool, commandLine, instanceDescription({ name: 'by-hand' }), login);
    const fleet = await provision(withoutFile());
    const watched = await instance('by-hand');
    expect(() => fleet.targetOf(watched)).toThrow(
      expect.objectContaining({ code: 'credential_unavailable', message: expect.stringContaining('ABSENT') }),
    );
  });

  test('with a password file that has gone since the start is an error, not a crash', async () => {
    const shortLived = createTemporaryFolder();
    const path = shortLived.write('password', 'word');
    const fleet = await provision(configOf(`instances:${orders.replace('env:ORDERS_PASSWORD', `file:${path}`)}`));
    shortLived.remove();
    const watched = await instance('orders');
    expect(() => fleet.targetOf(watched)).toThrow(expect.objectContaining({ code: 'credential_unavailable' }));
  });

  test("to an instance of another exporter's file says what to do", async () => {
    await provision(configOf(`instances:${shop}`));
    const fleet = await provision(withoutFile());
    const watched = await instance('shop');
    expect(() => fleet.targetOf(watched)).toThrow(
      expect.objectContaining({
        code: 'credential_unavailable',
        message: expect.stringMatching(/"shop".*give every exporter of the repository the same file/),
      }),
    );
  });
});

describe('what is wanted', () => {
  test('is what the patterns of the file and of the instance both take', async () => {
    const fleet = await provision(configOf(`exclude: ["secret_*"]\ninstances:${orders}${shop}`));
    const onOrders = fleet.wantedOn(await instance('orders'));
    expect(['app_x', 'app_x_tmp', 'shop', 'secret_x'].filter(onOrders)).toEqual(['app_x']);
    const onShop = fleet.wantedOn(await instance('shop'));
    expect(['app_x', 'app_x_tmp', 'shop', 'secret_x'].filter(onShop)).toEqual(['app_x', 'app_x_tmp', 'shop']);
  });

  test('is everything without a file', async () => {
    await addInstance(database.pool, 'by-hand');
    const fleet = await provision(withoutFile());
    expect(fleet.wantedOn(await instance('by-hand'))('anything')).toBe(true);
  });
});
