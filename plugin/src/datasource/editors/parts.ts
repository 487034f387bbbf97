import type { TidemarkDataSource } from '../DataSource';

/** What the editor of one type of query gets: the query, and a way to change some of it. */
export interface PartProps<Query> {
  readonly datasource: TidemarkDataSource;
  readonly query: Query;
  readonly onChange: (changes: Partial<Query>) => void;
}
