import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { TextLink, useStyles2, type Column } from '@grafana/ui';
import React, { type ReactNode } from 'react';

import type { SparklineData } from '../../data';
import { formatBytes, formatBytesChange, formatRate, plain } from '../../format';
import { Sparkline } from '../Sparkline';

interface ColumnOptions {
  readonly id: string;
  readonly header: string;
  /** Whether the table can be sorted by it. */
  readonly sortable?: boolean;
}

/** A column of anything. */
export function column<Row extends object>(
  { id, header, sortable = false }: ColumnOptions,
  cell: (row: Row) => ReactNode,
  layout: Pick<Column<Row>, 'disableGrow' | 'sortDescFirst' | 'minWidth'> = {},
): Column<Row> {
  return {
    id,
    header,
    cell: ({ row }) => cell(row.original),
    ...(sortable ? { sortType: 'basic' } : {}),
    ...layout,
  };
}

/** A column of sizes, counts, dates: as narrow as it can be, figures of equal width. */
export function figureColumn<Row extends object>(options: ColumnOptions, cell: (row: Row) => ReactNode): Column<Row> {
  return column(options, (row) => <Figure>{cell(row)}</Figure>, { disableGrow: true, sortDescFirst: true });
}

export function bytesColumn<Row extends object>(
  options: ColumnOptions,
  value: (row: Row) => number | null | undefined,
): Column<Row> {
  return figureColumn(options, (row) => formatBytes(value(row)));
}

export function changeColumn<Row extends object>(
  options: ColumnOptions,
  value: (row: Row) => number | null | undefined,
): Column<Row> {
  return figureColumn(options, (row) => <Signed value={value(row)}>{formatBytesChange(value(row))}</Signed>);
}

export function rateColumn<Row extends object>(
  options: ColumnOptions,
  value: (row: Row) => number | null | undefined,
): Column<Row> {
  return figureColumn(options, (row) => <Signed value={value(row)}>{formatRate(value(row))}</Signed>);
}

/** @param href where a row leads; null for one that leads nowhere and is only named */
export function linkColumn<Row extends object>(
  options: ColumnOptions,
  text: (row: Row) => string,
  href: (row: Row) => string | null,
): Column<Row> {
  return column(options, (row) => {
    const target = href(row);
    if (target === null) return text(row);
    return (
      <TextLink href={target} inline={false}>
        {text(row)}
      </TextLink>
    );
  });
}

export function sparklineColumn<Row extends object>(
  name: (row: Row) => string,
  value: (row: Row) => SparklineData | null,
): Column<Row> {
  return column({ id: 'sparkline', header: t('table.column.last-30-days', 'Last 30 days') }, (row) => (
    <Sparkline data={value(row)} label={t('table.sparkline', 'Size of {{name}} by day', plain({ name: name(row) }))} />
  ));
}

/** Figures of equal width stand below each other. */
export const Figure = ({ children }: { readonly children: ReactNode }) => (
  <span className={useStyles2(getStyles).figure}>{children}</span>
);

/** More is not bad and less is not good: what grows stands out, what shrinks steps back. */
const Signed = ({ value, children }: { readonly value: number | null | undefined; readonly children: ReactNode }) => {
  const styles = useStyles2(getStyles);
  return <span className={(value ?? 0) > 0 ? styles.more : styles.less}>{children}</span>;
};

const getStyles = (theme: GrafanaTheme2) => ({
  figure: css({ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }),
  more: css({ color: theme.colors.text.primary, fontWeight: theme.typography.fontWeightMedium }),
  less: css({ color: theme.colors.text.secondary }),
});
