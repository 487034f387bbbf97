import { fileBytes, isTemporary, type ModelContainer, type ModelTablespace, type OracleModel } from './oracle-model.ts';

export const megabyte = 1_048_576n;
export const gigabyte = 1024n * megabyte;
export const terabyte = 1024n * gigabyte;

/** What every container has: SYSTEM, and TEMP with 100 MB of which 90 are free. */
export function container(id: number, name: string, changes: Partial<ModelContainer> = {}): ModelContainer {
  const system = { name: 'SYSTEM', usedBlocks: 50_000n, files: [{ bytes: 800n * megabyte, maxBytes: 32n * gigabyte }] };
  const temporary: ModelTablespace = {
    name: 'TEMP',
    contents: 'TEMPORARY',
    usedBlocks: 999n,
    files: [{ bytes: 100n * megabyte, maxBytes: 20n * gigabyte }],
    freeBytes: 90n * megabyte,
  };
  return { id, name, tablespaces: [system, temporary], ...changes };
}

/** More tablespaces: one over 2 TB in blocks of 32 KB, and one whose bytes exceed its maxbytes (195 % "used" elsewhere). */
export const sales = container(3, 'SALES', {
  tablespaces: [
    ...container(3, '').tablespaces,
    {
      name: 'UNDOTBS1',
      contents: 'UNDO',
      usedBlocks: 100n,
      files: [{ bytes: 2n * gigabyte, maxBytes: 4n * gigabyte }],
    },
    {
      name: 'BIG',
      blockSize: 32_768n,
      usedBlocks: 90_000_000n,
      files: [{ bytes: 3n * terabyte, maxBytes: 128n * terabyte }],
    },
    {
      name: 'OVER',
      usedBlocks: 120_000n,
      files: [{ bytes: 1000n * megabyte, maxBytes: 512n * megabyte }, { bytes: 7n * megabyte }],
    },
  ],
});

export const root = container(1, 'CDB$ROOT');
export const seed = container(2, 'PDB$SEED', { openMode: 'READ ONLY' });
const closed = container(4, 'CLOSED', { openMode: 'MOUNTED' });
export const reports = container(5, 'REPORTS', { openMode: 'READ ONLY' });

/** A CDB, logged in to at its root. */
export const cdb: OracleModel = {
  home: 1,
  username: 'C##TIDEMARK',
  containers: [root, seed, sales, closed, reports],
  redo: [
    { bytes: 200n * megabyte, members: 2n },
    { bytes: 200n * megabyte, members: 2n },
    { bytes: 400n * megabyte, members: 3n },
  ],
};

/** The redo logs of that CDB: 2 groups of 2 files, and 1 of 3. */
export const redoBytes = Number(4n * 200n * megabyte + 3n * 400n * megabyte);

/** What a database has to be measured as, by arithmetic of the tests' own. */
export function expected(model: ModelContainer, redo: number | null): Record<string, unknown> {
  const limit = ({ files }: ModelTablespace): bigint =>
    total(
      files.map(({ bytes, headerBytes, maxBytes = 0n }) => {
        const allocated = bytes ?? headerBytes ?? 0n;
        return maxBytes > allocated ? maxBytes : allocated;
      }),
    );
  const used = model.tablespaces.map((tablespace) => {
    if (isTemporary(tablespace)) return fileBytes(tablespace) - (tablespace.freeBytes ?? 0n);
    return tablespace.usedBlocks === undefined ? null : tablespace.usedBlocks * (tablespace.blockSize ?? 8192n);
  });
  const data = Number(total(model.tablespaces.filter((tablespace) => !isTemporary(tablespace)).map(fileBytes)));
  const temporary = Number(total(model.tablespaces.filter(isTemporary).map(fileBytes)));
  return {
    databaseName: model.name,
    sizeBytes: data + temporary + (redo ?? 0),
    dataBytes: data,
    logBytes: redo,
    indexBytes: null,
    tempBytes: temporary,
    usedBytes: used.includes(null) ? null : Number(total(used.filter((value) => value !== null))),
    limitBytes: Number(total(model.tablespaces.map(limit))) + (redo ?? 0),
    method: 'exact',
  };
}

function total(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}
