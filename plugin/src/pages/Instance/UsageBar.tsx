import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import React from 'react';

import type { StorageRow } from '../../data';
import { formatShare } from '../../format';

type Usage = Pick<StorageRow, 'allocated_bytes' | 'used_bytes' | 'limit_bytes' | 'free_bytes'>;

/**
 * How full something is, 0 to 1: of its limit where it has one, else of what is used and free together; null where neither is
 * known.
 */
export function usageOf({ allocated_bytes: allocated, used_bytes: used, limit_bytes: limit, free_bytes: free }: Usage) {
  const taken = used ?? allocated;
  if (taken === null) return limit !== null && free !== null && limit > 0 ? (limit - free) / limit : null;
  const whole = limit ?? (free === null ? null : taken + free);
  return whole === null || whole <= 0 ? null : Math.min(1, taken / whole);
}

/** A bar that turns orange at 80 and red at 90 percent. */
export const UsageBar = ({ row }: { readonly row: StorageRow }) => {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const usage = usageOf(row);
  if (usage === null) return null;
  const color =
    usage >= 0.9 ? theme.colors.error.main : usage >= 0.8 ? theme.colors.warning.main : theme.colors.success.main;
  return (
    <div className={styles.track} role="img" aria-label={`${row.name}: ${formatShare(usage)}`}>
      <div className={styles.bar} style={{ width: `${usage * 100}%`, background: color }} />
    </div>
  );
};

const getStyles = (theme: GrafanaTheme2) => ({
  track: css({
    width: 120,
    height: 8,
    background: theme.colors.background.secondary,
    borderRadius: theme.shape.radius.default,
    overflow: 'hidden',
  }),
  bar: css({ height: '100%' }),
});
