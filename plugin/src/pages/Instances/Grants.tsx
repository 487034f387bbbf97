import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { ClipboardButton, CollapsableSection, useStyles2 } from '@grafana/ui';
import React from 'react';

import { useEngines } from '../../data/hooks';

/** What the login needs on the server, to copy. */
export const Grants = ({ engine }: { readonly engine: string }) => {
  const styles = useStyles2(getStyles);
  const grants = useEngines().data?.find((one) => one.engine === engine)?.grants ?? [];
  if (grants.length === 0) return null;
  return (
    <CollapsableSection isOpen={false} label={t('instance-form.grants', 'What the login needs on the server')}>
      {grants.map(({ for: purpose, statements }) => (
        <div key={purpose} className={styles.grant}>
          <div>{purpose}</div>
          <pre className={styles.statements}>{statements.join('\n')}</pre>
          <ClipboardButton size="sm" variant="secondary" icon="copy" getText={() => statements.join('\n')}>
            {t('instance-form.copy', 'Copy')}
          </ClipboardButton>
        </div>
      ))}
    </CollapsableSection>
  );
};

const getStyles = (theme: GrafanaTheme2) => ({
  grant: css({ marginBottom: theme.spacing(2) }),
  statements: css({ margin: theme.spacing(0.5, 0), whiteSpace: 'pre-wrap' }),
});
