import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React from 'react';

interface LabelsProps {
  readonly labels: Readonly<Record<string, string>>;
  /** Where there is room: nothing is cut off, and what does not fit goes on in the next line. */
  readonly isWhole?: boolean;
}

/** Labels of an instance, `key=value` each, quietly; in a table in one line, with what does not fit in its title. */
export const Labels = ({ labels, isWhole = false }: LabelsProps) => {
  const styles = useStyles2(getStyles);
  const text = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
  return (
    <span className={isWhole ? styles.whole : styles.labels} title={text}>
      {text}
    </span>
  );
};

const getStyles = (theme: GrafanaTheme2) => {
  const quiet = {
    display: 'block',
    wordSpacing: theme.spacing(0.5),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    lineHeight: theme.typography.bodySmall.lineHeight,
  };
  return {
    labels: css({ ...quiet, maxWidth: 220, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }),
    whole: css({ ...quiet, minWidth: 0, overflowWrap: 'anywhere' }),
  };
};
