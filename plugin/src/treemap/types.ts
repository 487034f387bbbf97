/** What the author of a dashboard sets. Fields are named as in the data; empty is found by itself. */
export interface TreemapOptions {
  /** What the size of a tile is. */
  readonly valueField: string;
  /** What a tile is called. */
  readonly labelField: string;
  /** What tiles are grouped by, from the outside in. */
  readonly groupFields: readonly string[];
  /** More tiles than this are added up within their group. */
  readonly maximumTiles: number;
}

export const defaultOptions: TreemapOptions = { valueField: '', labelField: '', groupFields: [], maximumTiles: 300 };
