import { afterEach, describe, expect, test } from '@jest/globals';
import { Secret } from '../../../exporter/src/config/secret.ts';
import type { Target } from '../../../exporter/src/engines/engine.ts';
import { oracle } from '../../../exporter/src/engines/oracle.ts';
import { cdb } from '../../support/oracle-fixtures.ts';
import { startOracle, stopOracle } from '../../support/oracle-server.ts';
import { monitor, targetOf } from '../../support/oracle-target.ts';
import { freePort } from '../../support/ports.ts';
import { testDeadlines } from '../../support/test-database.ts';
import type { TnsServerOptions } from '../../support/tns/server.ts';
import { accountLocked, OracleError } from '../../support/tns/oracle-error.ts';

afterEach(stopOracle);

async function failing(changes: Partial<Target>, options: TnsServerOptions = {}): Promise<Error> {
  const server = await startOracle(cdb, options);
  const attempt = oracle.connect(targetOf(server, changes), testDeadlines);
  return await attempt.then(
    () => Promise.reject(new Error('a refusal was expected')),
    (error: unknown) => error as Error,
  );
}

function refusing(refusal: OracleError): TnsServerOptions {
  return { users: { [monitor.username]: { password: monitor.password, refusal } } };
}

describe.each(['12.1', '19c', '23ai'] as const)('a login to %s', (profile) => {
  test('with a wrong password', async () => {
    const password = new Secret('canary-password');
    const error = await failing({ password }, { profile });
    expect(error).toMatchObject({ code: 'access_denied' });
    expect(error.message).toMatch(/access denied for user c##tidemark: check user name and password \(ORA-01017/);
    expect(error.message).not.toMatch(/canary|Help:|CONNECTION_ID/);
  });

  test('of an unknown user', async () => {
    expect(await failing({ username: 'nobody' }, { profile })).toMatchObject({ code: 'access_denied' });
  });

  test('with a locked account', async () => {
    expect(await failing({}, { profile, ...refusing(accountLocked()) })).toMatchObject({
      code: 'access_denied',
      message: expect.stringContaining('run ALTER USER c##tidemark ACCOUNT UNLOCK; (ORA-28000'),
    });
  });

  test('with a service that the listener does not know', async () => {
    expect(await failing({ database: 'SALES.EXAMPLE.TEST' }, { profile })).toMatchObject({
      code: 'database_unknown',
      message: expect.stringContaining('the listener knows no service "SALES.EXAMPLE.TEST": lsnrctl services'),
    });
  });

  test('with a SID that the listener does not know', async () => {
    expect(await failing({ database: 'sid:OLD' }, { profile })).toMatchObject({
      code: 'database_unknown',
      message: expect.stringContaining('the listener knows no SID "sid:OLD"'),
    });
  });

  test('with a SID that it knows', async () => {
    const server = await startOracle(cdb, { profile });
    const session = await oracle.connect(targetOf(server, { database: 'sid:FREE' }), testDeadlines);
    await session.close();
  });
});

test.each([
  [1045, 'permission_denied', 'run GRANT CREATE SESSION TO c##tidemark;'],
  [28001, 'access_denied', 'run ALTER USER c##tidemark IDENTIFIED BY'],
  [28040, 'access_denied', 'thick mode'],
  [20, 'too_many_connections', 'ORA-00020'],
  [2391, 'too_many_connections', 'ORA-02391'],
  [1033, 'database_unreadable', 'ALTER PLUGGABLE DATABASE'],
  [4711, 'query_failed', 'ORA-04711'],
])('a login refused with ORA-%i is %s, with a remedy', async (number, code, remedy) => {
  const error = await failing({}, refusing(new OracleError(number, 'refused')));
  expect(error).toMatchObject({ code, message: expect.stringContaining(remedy) });
});

test('a server before 12.1 is too old for thin mode', async () => {
  expect(await failing({}, { profile: '11.2' })).toMatchObject({
    code: 'server_too_old',
    message: expect.stringMatching(/Oracle 12\.1 or newer: set TIDEMARK_ORACLE_CLIENT_DIR .*thick mode/),
  });
});

test('a login without a password is refused before it is tried', async () => {
  expect(await failing({ password: null })).toMatchObject({ code: 'access_denied' });
});

test('nobody listens', async () => {
  const target = targetOf({ port: await freePort() });
  await expect(oracle.connect(target, testDeadlines)).rejects.toMatchObject({ code: 'connection_refused' });
});

test('a host that does not resolve', async () => {
  const target = targetOf({ port: 1521 }, { host: 'no-such-host.invalid' });
  await expect(oracle.connect(target, testDeadlines)).rejects.toMatchObject({ code: 'host_unknown' });
});

test.each([
  ['host', 'db1)(PORT=1'],
  ['host', 'a b'],
  ['database', 'FREE)(SERVER=POOLED'],
  ['database', 'X"Y'],
  ['database', "X\\'"],
  ['database', 'A#B'],
  ['database', ''],
  ['database', 'sid:'],
])('a %s that would change the connect descriptor is refused: %s', async (setting, value) => {
  const server = await startOracle(cdb);
  const attempt = oracle.connect(targetOf(server, { [setting]: value }), testDeadlines);
  await expect(attempt).rejects.toMatchObject({ code: 'configuration_invalid' });
  expect(server.accepted).toBe(0);
});
