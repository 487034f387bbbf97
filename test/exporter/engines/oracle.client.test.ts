import { afterEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useOracleClient } from '../../../exporter/src/engines/oracle/thick.ts';
import { cdb } from '../../support/oracle-fixtures.ts';
import { startOracle, stopOracle } from '../../support/oracle-server.ts';
import { measure, targetOf } from '../../support/oracle-target.ts';

afterEach(stopOracle);

const folder = mkdtempSync(join(tmpdir(), 'no-oracle-client-'));
const unusable = {
  code: 'configuration_invalid',
  message: expect.stringContaining(`the Oracle Client libraries in ${folder} cannot be used: `),
};

function failure(): unknown {
  try {
    useOracleClient(folder);
  } catch (error) {
    return error;
  }
  return null;
}

test('without the client libraries thick mode is refused, and thin mode goes on', async () => {
  expect(failure()).toMatchObject(unusable);
  const server = await startOracle(cdb);
  expect((await measure(targetOf(server))).databases).toHaveLength(3);
  // After a connection in thin mode it is too late anyway.
  expect(failure()).toMatchObject(unusable);
  rmSync(folder, { recursive: true });
});
