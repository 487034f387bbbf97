import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Stack, Text, useStyles2 } from '@grafana/ui';
import React, { useId, type ReactNode } from 'react';

interface SectionProps {
  readonly title: string;
  readonly description?: string;
  /** Beside the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page: a heading, what can be done there, and a frame around it like a panel's. */
export const Section = ({ title, description, actions, children }: SectionProps) => {
  const styles = useStyles2(getStyles);
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <Stack justifyContent="space-between" alignItems="center" wrap="wrap" gap={1}>
        <div className={styles.heading}>
          <Text element="h2" variant="h5" id={id}>
            {title}
          </Text>
          {description !== undefined && <div className={styles.description}>{description}</div>}
        </div>
        <Stack alignItems="center" wrap="wrap" gap={1}>
          {actions}
        </Stack>
      </Stack>
      <div className={styles.content}>{children}</div>
    </section>
  );
};

const getStyles = (theme: GrafanaTheme2) => ({
  section: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(2),
    minWidth: 0,
  }),
  heading: css({ minWidth: 0, overflowWrap: 'anywhere' }),
  description: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  content: css({ marginTop: theme.spacing(1.5), minWidth: 0, overflowX: 'auto' }),
});
