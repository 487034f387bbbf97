import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React, { type ReactNode } from 'react';

interface StatProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly note?: ReactNode;
}

/** One figure that matters. */
export const Stat = ({ label, value, note }: StatProps) => {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.stat} role="group" aria-label={label}>
      <div className={styles.label}>{label}</div>
      <div className={styles.value}>{value}</div>
      {note !== undefined && <div className={styles.label}>{note}</div>}
    </div>
  );
};

/** Figures in a line. */
export const Stats = ({ children }: { readonly children: ReactNode }) => (
  <div className={useStyles2(getStyles).stats}>{children}</div>
);

const getStyles = (theme: GrafanaTheme2) => ({
  stats: css({
    display: 'grid',
    gap: theme.spacing(2),
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 180px), 1fr))',
  }),
  stat: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(1.5, 2),
    // A word that is longer than the card breaks, and does not make it wider.
    minWidth: 0,
    overflowWrap: 'anywhere',
  }),
  label: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  value: css({
    fontSize: theme.typography.h2.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
    lineHeight: theme.typography.h2.lineHeight,
    fontVariantNumeric: 'tabular-nums',
  }),
});
