import { css } from '@emotion/css';
import type { DataFrame, GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import React from 'react';

interface LegendProps {
  readonly frame: DataFrame;
  readonly hidden: ReadonlySet<string>;
  readonly onToggle: (name: string, mode: 'select' | 'append') => void;
}

/**
 * The names of the lines; a click shows one alone. Grafana's own legend gives all of its buttons the same name, which
 * people who do not see them cannot use.
 */
export const Legend = ({ frame, hidden, onToggle }: LegendProps) => {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const fields = frame.fields.slice(1).filter(({ config }) => config.custom?.hideFrom?.legend !== true);
  return (
    <ul className={styles.list}>
      {fields.map(({ name, config }) => (
        <li key={name}>
          <button
            type="button"
            className={styles.item}
            aria-pressed={!hidden.has(name)}
            onClick={({ ctrlKey, metaKey }) => onToggle(name, ctrlKey || metaKey ? 'append' : 'select')}
          >
            <span
              className={styles.color}
              style={{ background: theme.visualization.getColorByName(config.color?.fixedColor ?? 'blue') }}
            />
            {name}
          </button>
        </li>
      ))}
    </ul>
  );
};

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({
    display: 'flex',
    flexWrap: 'wrap',
    listStyle: 'none',
    margin: 0,
    padding: theme.spacing(0.5, 1, 0),
    maxHeight: 72,
    overflowY: 'auto',
  }),
  item: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    padding: theme.spacing(0.25, 1, 0.25, 0),
    border: 0,
    background: 'none',
    color: theme.colors.text.primary,
    fontSize: theme.typography.bodySmall.fontSize,
    cursor: 'pointer',
    '&[aria-pressed="false"]': { color: theme.colors.text.secondary, textDecoration: 'line-through' },
  }),
  color: css({ width: 14, height: 4, borderRadius: theme.shape.radius.pill }),
});
