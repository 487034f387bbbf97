import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React from 'react';

/** Labels of an instance, `key=value` each, in one quiet line; what does not fit is in its title. */
export const Labels = ({ labels }: { readonly labels: Readonly<Record<string, string>> }) => {
  const styles = useStyles2(getStyles);
  const text = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
  return (
    <span className={styles.labels} title={text}>
      {text}
    </span>
  );
};

const getStyles = (theme: GrafanaTheme2) => ({
  labels: css({
    display: 'block',
    maxWidth: 220,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    wordSpacing: theme.spacing(0.5),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    lineHeight: theme.typography.bodySmall.lineHeight,
  }),
});
