import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React from 'react';

import type { DatabaseFinding } from '../data';

/** What was found wrong, and the remedy, one a line. */
export const Findings = ({
  title,
  findings,
}: {
  readonly title: string;
  readonly findings: readonly DatabaseFinding[];
}) => {
  const styles = useStyles2(getStyles);
  if (findings.length === 0) return null;
  return (
    <div>
      <div className={styles.title}>{title}</div>
      <ul className={styles.list}>
        {findings.map(({ database, code, message }, index) => (
          <li key={index}>
            {database !== null && <strong>{database}: </strong>}
            {message} <code>{code}</code>
          </li>
        ))}
      </ul>
    </div>
  );
};

const getStyles = (theme: GrafanaTheme2) => ({
  title: css({ fontWeight: theme.typography.fontWeightMedium }),
  list: css({ marginLeft: theme.spacing(2.5), marginBottom: 0 }),
});
