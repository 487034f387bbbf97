import { t } from '@grafana/i18n';
import { InteractiveTable, Pagination, Stack, Text, type Column } from '@grafana/ui';
import React, { useCallback, useMemo, type ReactNode } from 'react';

import { formatCount } from '../../format';

interface DataTableProps<Row extends object> {
  /** Must be memoised; a column with a `sortType` can be sorted by. */
  readonly columns: Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowId: (row: Row) => string;
  /** Name of a column, with `-` before it for the largest first. */
  readonly sort?: string | undefined;
  /** Told where the API sorts; without it the rows at hand are sorted here. */
  readonly onSort?: ((sort: string) => void) | undefined;
  /** Which rows of how many these are, and how to get to others. */
  readonly paging?: PagingProps | undefined;
  /** Of a table whose rows are all here. */
  readonly pageSize?: number | undefined;
  readonly renderExpandedRow?: ((row: Row) => ReactNode) | undefined;
}

interface PagingProps {
  readonly limit: number;
  readonly offset: number;
  readonly total: number;
  readonly onOffset: (offset: number) => void;
}

/** A table whose order and page the API makes, so that a fleet of any size fits; or one of few rows that sorts itself. */
export function DataTable<Row extends object>({
  columns,
  rows,
  rowId,
  sort,
  onSort,
  paging,
  pageSize = 0,
  renderExpandedRow,
}: DataTableProps<Row>) {
  const data = useMemo(() => [...rows], [rows]);
  const initialSortBy = useMemo(() => (sort === undefined ? [] : [parseSort(sort)]), [sort]);
  const fetchData = useCallback(
    ({ sortBy: [first] }: { sortBy: { id: string; desc?: boolean }[] }) => {
      const next = first === undefined ? undefined : `${first.desc === true ? '-' : ''}${first.id}`;
      if (next !== undefined && next !== sort) onSort?.(next);
    },
    [onSort, sort],
  );
  const common = {
    columns,
    data,
    getRowId: rowId,
    initialSortBy,
    pageSize,
    disableSortRemove: true,
    // Fewer rows may have no such page: a search that is typed on page 3 would find nothing.
    autoResetPage: pageSize > 0,
    ...(onSort === undefined ? {} : { fetchData }),
  };
  return (
    <Stack direction="column" gap={1}>
      {renderExpandedRow === undefined ? (
        <InteractiveTable {...common} />
      ) : (
        <InteractiveTable {...common} renderExpandedRow={renderExpandedRow} />
      )}
      {paging !== undefined && <Pages {...paging} />}
    </Stack>
  );
}

const Pages = ({ limit, offset, total, onOffset }: PagingProps) => (
  <Stack justifyContent="space-between" alignItems="center">
    <Text color="secondary" variant="bodySmall">
      {t('table.range', '{{from}} to {{to}} of {{total}}', {
        from: formatCount(total === 0 ? 0 : offset + 1),
        to: formatCount(Math.min(offset + limit, total)),
        total: formatCount(total),
      })}
    </Text>
    <Pagination
      hideWhenSinglePage
      currentPage={Math.floor(offset / limit) + 1}
      numberOfPages={Math.max(1, Math.ceil(total / limit))}
      onNavigate={(page) => onOffset((page - 1) * limit)}
    />
  </Stack>
);

function parseSort(sort: string): { id: string; desc: boolean } {
  return sort.startsWith('-') ? { id: sort.slice(1), desc: true } : { id: sort, desc: false };
}
