import { afterEach, describe, expect, test } from '@jest/globals';
import { cdb, expected, redoBytes, reports, root, sales, seed } from '../../support/oracle-fixtures.ts';
import type { OracleModel } from '../../support/oracle-model.ts';
import { startOracle, stopOracle } from '../../support/oracle-server.ts';
import { measure, targetOf } from '../../support/oracle-target.ts';

afterEach(stopOracle);

const open: OracleModel = { ...cdb, containers: [root, seed, sales, reports] };
const role = 'GRANT SELECT_CATALOG_ROLE TO C##TIDEMARK CONTAINER = ALL;';

describe('without the views of the sizes nothing is measured', () => {
  test.each([
    ['v$containers', 'sys.v_$containers'],
    ['dba_pdbs', 'sys.dba_pdbs'],
    ['cdb_data_files', 'sys.cdb_data_files'],
    ['cdb_temp_files', 'sys.cdb_temp_files'],
  ])('%s: the error names the GRANT', async (view, object) => {
    const server = await startOracle({ ...open, denied: [view] });
    await expect(measure(targetOf(server))).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringMatching(/^C##TIDEMARK may not read /),
    });
    await expect(measure(targetOf(server))).rejects.toThrow(`run ${role} or GRANT SELECT ON ${object} TO C##TIDEMARK;`);
  });

  test.each(['12.1', '23ai'] as const)(
    'the same from a server of %s, and for a user with a quoted name',
    async (profile) => {
      const server = await startOracle(
        { ...cdb, home: 3, username: 'tide mark', denied: ['dba_data_files'] },
        { profile, errorsBehindMarkers: profile === '12.1' },
      );
      await expect(measure(targetOf(server))).rejects.toThrow(
        'run GRANT SELECT_CATALOG_ROLE TO "tide mark"; or GRANT SELECT ON sys.dba_data_files TO "tide mark";',
      );
    },
  );
});

test('without V$LOG the size of the root is not known, that of the others is', async () => {
  const server = await startOracle({ ...open, denied: ['v$log'] });
  const { databases, failures, storage, warnings } = await measure(targetOf(server));
  expect(databases).toEqual([expected(reports, null), expected(sales, null)]);
  expect(failures).toMatchObject([
    {
      databaseName: 'CDB$ROOT',
      code: 'permission_denied',
      message: expect.stringContaining('GRANT SELECT ON sys.v_$log TO C##TIDEMARK;'),
    },
  ]);
  expect(storage.some(({ scope }) => scope === 'log')).toBe(false);
  expect(warnings).toEqual([]);
});

test('without V$LOG it is said even where the root is not wanted', async () => {
  const server = await startOracle({ ...open, denied: ['v$log'] });
  const { failures, warnings } = await measure(targetOf(server), (name) => name === 'SALES');
  expect(failures).toEqual([]);
  expect(warnings).toMatchObject([{ databaseName: null, message: expect.stringContaining('sys.v_$log') }]);
});

test.each(['cdb_tablespaces', 'cdb_tablespace_usage_metrics', 'cdb_temp_free_space'])(
  'without %s the used bytes are null, with a warning, and the sizes exact',
  async (view) => {
    const server = await startOracle({ ...open, denied: [view] });
    const { databases, failures, warnings } = await measure(targetOf(server));
    const unused = { usedBytes: null };
    expect(databases).toEqual([
      { ...expected(root, redoBytes), ...unused },
      { ...expected(reports, null), ...unused },
      { ...expected(sales, null), ...unused },
    ]);
    expect(failures).toEqual([]);
    expect(warnings).toMatchObject([
      {
        databaseName: null,
        code: 'permission_denied',
        message: expect.stringContaining(`sys.${view} TO C##TIDEMARK;`),
      },
    ]);
  },
);

test('without V$ASM_DISKGROUP_STAT the disk groups are missing, with a warning', async () => {
  const files = [{ name: '+DATA/erp.1', bytes: 8192n }];
  const erp = { id: 0, name: 'ERP', tablespaces: [{ name: 'DATA', usedBlocks: 1n, files }] };
  const server = await startOracle({ ...cdb, home: 0, containers: [erp], denied: ['v$asm_diskgroup_stat'] });
  const { databases, warnings } = await measure(targetOf(server));
  expect(databases).toHaveLength(1);
  expect(warnings).toMatchObject([{ message: expect.stringContaining('sys.v_$asm_diskgroup_stat') }]);
});

describe('what the server leaves out without an error', () => {
  const containerData = 'ALTER USER C##TIDEMARK SET CONTAINER_DATA = ALL CONTAINER = CURRENT;';

  test('containers outside of the CONTAINER_DATA of the user are failures, not absent', async () => {
    const containers = [root, { ...seed, hidden: true }, { ...sales, hidden: true }, reports];
    const server = await startOracle({ ...cdb, containers });
    const { databases, failures, warnings } = await measure(targetOf(server));
    expect(databases.map(({ databaseName }) => databaseName)).toEqual(['CDB$ROOT', 'REPORTS']);
    expect(failures).toMatchObject([
      { databaseName: 'SALES', code: 'permission_denied', message: expect.stringContaining(containerData) },
    ]);
    expect(warnings).toMatchObject([{ code: 'permission_denied', message: expect.stringContaining(containerData) }]);
  });

  test('an open database without files is a failure, not 0 bytes', async () => {
    const server = await startOracle({ ...cdb, containers: [root, seed, { ...sales, filesHidden: true }] });
    const { databases, failures } = await measure(targetOf(server));
    expect(databases).toMatchObject([{ databaseName: 'CDB$ROOT' }]);
    expect(failures).toMatchObject([{ databaseName: 'SALES', code: 'permission_denied' }]);
    expect(failures[0]?.message).toContain(role);
    expect(failures[0]?.message).toContain(containerData);
  });
});
