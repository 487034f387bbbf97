import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React, { type ReactNode } from 'react';

/** The parts of a page below each other. */
export const Column = ({ children }: { readonly children: ReactNode }) => (
  <div className={useStyles2(getStyles).column}>{children}</div>
);

/** Parts beside each other where there is room. */
export const Row = ({ children }: { readonly children: ReactNode }) => (
  <div className={useStyles2(getStyles).row}>{children}</div>
);

/** Filters and buttons in one line. */
export const Toolbar = ({ children }: { readonly children: ReactNode }) => (
  <div className={useStyles2(getStyles).toolbar}>{children}</div>
);

const getStyles = (theme: GrafanaTheme2) => ({
  column: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), minWidth: 0 }),
  row: css({
    display: 'grid',
    gap: theme.spacing(2),
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 480px), 1fr))',
    alignItems: 'start',
    minWidth: 0,
    '& > *': { minWidth: 0 },
  }),
  toolbar: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), alignItems: 'center', minWidth: 0 }),
});
