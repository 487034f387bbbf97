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

/** What the table knows columns of figures by, to put their headings at the right edge too. */
const figureMark = { isFigure: true };
export const isFigureColumn = (candidate: object): boolean => 'isFigure' in candidate;

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
  return {
    ...column(options, (row) => <Figure>{cell(row)}</Figure>, { disableGrow: true, sortDescFirst: true }),
    ...figureMark,
  };
}

/** A column of moments or days: as narrow as it can be, in one line. */
export function momentColumn<Row extends object>(options: ColumnOptions, cell: (row: Row) => ReactNode): Column<Row> {
  return column(options, (row) => <Line>{cell(row)}</Line>, { disableGrow: true, sortDescFirst: true });
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
    return target === null ? text(row) : <NameLink href={target}>{text(row)}</NameLink>;
  });
}

export function sparklineColumn<Row extends object>(
  name: (row: Row) => string,
  value: (row: Row) => SparklineData | null,
): Column<Row> {
  return column({ id: 'sparkline', header: t('table.column.last-30-days', 'Last 30 days') }, (row) => (
    <Sparkline
      width={96}
      data={value(row)}
      label={t('table.sparkline', 'Size of {{name}} by day', plain({ name: name(row) }))}
    />
  ));
}

/** A name that leads somewhere, in one line: names with hyphens would break. */
export const NameLink = ({ href, children }: { readonly href: string; readonly children: string }) => (
  <span className={useStyles2(getStyles).name}>
    <TextLink href={href} inline={false}>
      {children}
    </TextLink>
  </span>
);

/** A figure with a smaller one below it. */
export const FigureWithNote = ({ children, note }: { readonly children: ReactNode; readonly note: ReactNode }) => {
  const styles = useStyles2(getStyles);
  return (
    <span className={styles.figure}>
      {children}
      <span className={styles.note}>{note}</span>
    </span>
  );
};

/** What is read in one line. */
export const Line = ({ children }: { readonly children: ReactNode }) => (
  <span className={useStyles2(getStyles).line}>{children}</span>
);

/** Figures of equal width stand below each other, at the right edge of their column. */
export const Figure = ({ children }: { readonly children: ReactNode }) => (
  <span className={useStyles2(getStyles).figure}>{children}</span>
);

/** More is not bad and less is not good: what grows stands out, what shrinks steps back. */
const Signed = ({ value, children }: { readonly value: number | null | undefined; readonly children: ReactNode }) => {
  const styles = useStyles2(getStyles);
  return <span className={(value ?? 0) > 0 ? styles.more : styles.less}>{children}</span>;
};

const getStyles = (theme: GrafanaTheme2) => ({
  figure: css({ display: 'block', textAlign: 'right', fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }),
  note: css({
    display: 'block',
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    lineHeight: theme.typography.bodySmall.lineHeight,
    fontWeight: theme.typography.fontWeightRegular,
  }),
  name: css({ whiteSpace: 'nowrap' }),
  line: css({ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }),
  more: css({ color: theme.colors.text.primary, fontWeight: theme.typography.fontWeightMedium }),
  less: css({ color: theme.colors.text.secondary }),
});
