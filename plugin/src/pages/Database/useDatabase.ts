import { useInstanceDatabases } from '../../data/hooks';

/** The latest state of one database: undefined while it is read, null where it has never been measured. */
export function useDatabase(instanceId: number, databaseName: string) {
  // Names that hold this one come too: the search is for a part of the name.
  const query = useInstanceDatabases(instanceId, { search: databaseName, include_gone: true, limit: 1000 });
  const rows = query.data?.data;
  return { query, row: rows && (rows.find((row) => row.database_name === databaseName) ?? null) };
}
