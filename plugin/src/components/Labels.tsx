import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React from 'react';

/** Labels of an instance, `key=value` each; quiet, since there are many of them. */
export const Labels = ({ labels }: { readonly labels: Readonly<Record<string, string>> }) => {
  const styles = useStyles2(getStyles);
  return (
    <span className={styles.labels}>
      {Object.entries(labels).map(([key, value]) => (
        <span key={key} className={styles.label}>
          {key}={value}
        </span>
      ))}
    </span>
  );
};

const getStyles = (theme: GrafanaTheme2) => ({
  labels: css({ display: 'inline-flex', flexWrap: 'wrap', columnGap: theme.spacing(1) }),
  label: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    lineHeight: theme.typography.bodySmall.lineHeight,
    whiteSpace: 'nowrap',
  }),
});
